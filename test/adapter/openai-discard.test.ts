import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import type { GatheringModel } from "../support/gathered-reply.ts";
import { never, useSimulator } from "../support/image-service.ts";
import { useScriptedService } from "../support/scripted-service.ts";

const { modelAt, ledger } = useSimulator();
const scripted = useScriptedService();

const imageParams = (prompt: string): ImageRequest => ({ prompt, n: 1, size: "256x256" });

async function submitted(model: Pick<GatheringModel, "submit">, prompt: string): Promise<string> {
  const reply = await model.submit(imageParams(prompt), 1, randomUUID(), never);
  if (reply.kind !== "submitted") throw new Error(reply.kind);
  return reply.operation;
}

describe("an operation that is not wanted any more", () => {
  it("is gone once it has come to an end, and stays gone", async () => {
    const model = modelAt("dall-e-2");
    const operation = await submitted(model, "unwanted");
    await expect.poll(() => model.discard(operation, never)).toEqual({ kind: "gone" });
    expect(await model.discard(operation, never)).toEqual({ kind: "gone" });
    expect(await model.poll(imageParams("unwanted"), operation, [0], never, 120_000)).toMatchObject({
      kind: "unavailable",
      mayBeBilled: false,
    });
  });

  it("can't be removed while it runs", async () => {
    const model = modelAt("dall-e-2");
    const operation = await submitted(model, "still wet [[operation=running]]");
    expect(await model.discard(operation, never)).toEqual({ kind: "pending", retryAfterMs: 2_000 });
  });

  it("is removed with one request, whatever becomes of it", async () => {
    const model = modelAt("dall-e-2");
    const operation = await submitted(model, "one request [[operation=running]]");
    await model.discard(operation, never);
    const routes = (await ledger("")).filter(({ path }) => path === operation.split("?")[0]);
    expect(routes.map(({ route }) => route)).toEqual(["delete"]);
  });

  it("waits as its poll would when the service can't be reached, or is not asked in time", async () => {
    const gone = await scripted(() => ({ close: false }));
    const operation = "/openai/operations/images/1?api-version=2023-06-01-preview";
    const pending = { kind: "pending", retryAfterMs: 2_000 };
    expect(await modelAt("dall-e-2", { endpoint: gone.url }).discard(operation, never)).toEqual(pending);
    expect(await modelAt("dall-e-2", { endpoint: "http://127.0.0.1:1" }).discard(operation, never)).toEqual(
      pending,
    );
    expect(await modelAt("dall-e-2").discard(operation, AbortSignal.abort())).toEqual(pending);
  });
});

describe("an answer to the request to remove an operation", () => {
  const answer = (status: string, headers: readonly string[], body: string) =>
    [`HTTP/1.1 ${status}`, ...headers, `content-length: ${body.length}`, "connection: close", "", body].join(
      "\r\n",
    );
  const inUse = JSON.stringify({ error: { code: "operationNotInTerminalState", message: "It runs." } });
  const json = "content-type: application/json";

  it.each<[string, string, object]>([
    ["204", "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", { kind: "gone" }],
    ["200 with a body", answer("200 OK", [json], "{}"), { kind: "gone" }],
    ["404", answer("404 Not Found", [json], '{"error":{"code":"notFound"}}'), { kind: "gone" }],
    ["404 of a page", answer("404 Not Found", ["content-type: text/html"], "<p>no</p>"), { kind: "gone" }],
    ["410", answer("410 Gone", [json], "{}"), { kind: "gone" }],
    ["409", answer("409 Conflict", [json], inUse), { kind: "pending", retryAfterMs: 2_000 }],
    [
      "409 with a wait",
      answer("409 Conflict", [json, "retry-after: 7"], inUse),
      { kind: "pending", retryAfterMs: 7_000 },
    ],
    ["400", answer("400 Bad Request", [json], inUse), { kind: "pending", retryAfterMs: 2_000 }],
    [
      "429 with a wait",
      answer("429 Too Many", [json, "retry-after: 9"], "{}"),
      { kind: "pending", retryAfterMs: 9_000 },
    ],
    [
      "429 with an exact wait",
      answer("429 Too Many", ["retry-after-ms: 150"], ""),
      { kind: "pending", retryAfterMs: 150 },
    ],
    ["503", answer("503 Unavailable", ["retry-after: 3"], ""), { kind: "pending", retryAfterMs: 3_000 }],
    ["401", answer("401 Unauthorized", [json], "{}"), { kind: "pending", retryAfterMs: 2_000 }],
  ])("of %s is understood", async (_what, bytes, expected) => {
    const service = await scripted(() => ({ bytes: [bytes], close: true }));
    const operation = "/openai/operations/images/1?api-version=2023-06-01-preview";
    const model = modelAt("dall-e-2", { endpoint: service.url });
    expect(await model.discard(operation, never)).toEqual(expected);
    expect(service.requests).toHaveLength(1);
    expect(service.requests[0]!.head).toMatch(/^DELETE \/openai\/operations\/images\/1\?api-version=/);
  });
});
