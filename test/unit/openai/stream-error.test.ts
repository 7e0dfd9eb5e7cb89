import { describe, expect, it } from "vitest";
import { sortStreamError } from "../../../src/openai/stream-error.ts";
import type { WireError } from "../../../src/openai/wire.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const prompt = "A multi-colored umbrella on the beach, with a disposable camera";
const sort = (error: WireError) => sortStreamError(error, prompt, now);

describe("an error in the middle of a stream", () => {
  it.each<[WireError, object]>([
    [{ code: "moderation_blocked" }, { kind: "refused" }],
    [{ code: "contentFilter", status: 500 }, { kind: "refused" }],
    [{ inner_error: { code: "ResponsibleAIPolicyViolation" } }, { kind: "refused" }],
    [{ code: "429" }, { kind: "throttled", retryAfterMs: 0 }],
    [{ code: 429 }, { kind: "throttled" }],
    [{ code: "rate_limit_exceeded", type: "invalid_request_error" }, { kind: "throttled" }],
    [{ code: "tooManyRequests" }, { kind: "throttled" }],
    [{ code: "insufficient_quota" }, { kind: "accountBlocked" }],
    [{ code: "billing_not_active" }, { kind: "accountBlocked" }],
    [{ code: "Forbidden" }, { kind: "accountBlocked" }],
    [{ status: 403 }, { kind: "accountBlocked" }],
    [{ code: "invalid_size", type: "invalid_request_error" }, { kind: "rejected" }],
    [{ code: null, type: "image_generation_user_error" }, { kind: "rejected" }],
    [{ code: "invalid_size", status: "400" }, { kind: "rejected" }],
    [{ code: "DeploymentNotFound", status: 404 }, { kind: "rejected" }],
  ])("%j is settled as %j", (error, settled) => {
    expect(sort(error)).toMatchObject(settled);
  });

  it.each<WireError>([
    {},
    { code: "InternalServerError" },
    { code: "server_error", type: "server_error" },
    { code: "503" },
    { status: 503 },
    { code: "401" },
    { code: "408" },
    { code: "409" },
    { code: "200" },
    { code: "constructor" },
  ])("%j leaves it open whether the image is billed", (error) => {
    expect(() => sort(error)).toThrow(
      expect.objectContaining({ code: "upstreamUnavailable", mayBeBilled: true }) as Error,
    );
  });

  it("tells the service's words, and never the prompt", () => {
    expect(() => sort({ code: "server_error", message: "out of paint" })).toThrow("out of paint");
    expect(() => sort({ code: "server_error", message: `no: ${prompt}` })).toThrow(/server_error$/);
    const rejected = sort({ message: `no: ${prompt}`, type: "invalid_request_error" });
    expect(JSON.stringify(rejected)).not.toContain("umbrella");
  });
});
