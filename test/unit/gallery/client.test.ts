import { describe, expect, it } from "vitest";
import { apiClient, ApiError, AwayError } from "../../../gallery/api/client.ts";

const answering = (status: number, body?: object) =>
  apiClient("a-key", async () => (body ? Response.json(body, { status }) : new Response(null, { status })));

describe("the page's client", () => {
  it.each([502, 503, 504])("takes a bare %i for an app that isn't there yet", async (status) => {
    const api = answering(status);
    await expect(api.generate({}, "a")).rejects.toBeInstanceOf(AwayError);
    expect(await api.isThere()).toBe(false);
  });

  it("takes a 503 of the app itself for its answer", async () => {
    const api = answering(503, { error: { code: "upstreamUnavailable", message: "No storage." } });
    await expect(api.generate({}, "a")).rejects.toEqual(
      expect.objectContaining({ status: 503, message: "No storage." }),
    );
    await expect(api.generate({}, "a")).rejects.toBeInstanceOf(ApiError);
    expect(await api.isThere()).toBe(true);
  });
});
