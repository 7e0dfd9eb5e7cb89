import { gatheringModel } from "../support/gathered-reply.ts";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { Agent } from "undici";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { resolveDeployments } from "../../src/domain/deployment.ts";
import { knownModels } from "../../src/domain/model-catalogue.ts";
import { openAiImageModels, type UpstreamOptions } from "../../src/adapters/openai/image-models.ts";
import { imagesOf, never, upstreamParts } from "../support/image-service.ts";
import { originOf } from "../support/link-servers.ts";

const picture = JSON.stringify({ data: [{ b64_json: "iVBORw0KGgo=" }] });
let server: Server;
let hasSentHeaders = false;

/** Answers once the clocks have been turned on by twenty minutes. */
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (hasSentHeaders) response.write(picture.slice(0, 10));
    request.resume().on("end", () => {
      void vi.advanceTimersByTimeAsync(20 * 60_000).then(() => {
        response.end(hasSentHeaders ? picture.slice(10) : picture);
      });
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close().closeAllConnections());
// Once: undici keeps one timer for all of its clocks, and must neither keep one that a file before this one started, nor leave
// ours to those after it.
const clocks = createRequire(import.meta.url)("undici/lib/util/timers.js") as { reset(): void };
beforeAll(() => {
  clocks.reset();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterAll(() => {
  clocks.reset();
  vi.useRealTimers();
});

function render(options: Partial<UpstreamOptions> = {}) {
  const upstream = { endpoint: originOf(server), upstreamName: "gi", apiVersion: "v", apiKey: "k" };
  const offers = resolveDeployments([{ name: "here", model: "gpt-image-1", kind: "azure" }], knownModels);
  const models = openAiImageModels({
    offers: offers.map((offer) => ({ ...offer, upstream })),
    ...upstreamParts,
    ...options,
  });
  return gatheringModel(models.at("here")).render({ prompt: "a fox", n: 1, size: "1024x1024" }, 1, never);
}

it.each([
  ["before the headers", false],
  ["in the midst of its body", true],
])("an answer that takes twenty minutes %s is waited for", async (_where, afterHeaders) => {
  hasSentHeaders = afterHeaders;
  expect(imagesOf(await render())).toMatchObject([{ kind: "image" }]);
});

it("connections with a clock of their own would cut it", async () => {
  hasSentHeaders = false;
  await expect(render({ dispatcher: new Agent({ headersTimeout: 300_000 }) })).rejects.toThrow();
});
