import { setImmediate } from "node:timers/promises";
import { openAiEndpoints } from "../../src/dialects/openai/endpoints.ts";
import type { EditDeps } from "../../src/dialects/openai/edits.ts";
import { eventFeeds } from "../../src/jobs/event-feed.ts";
import { hmacResultSigner } from "../../src/adapters/crypto/result-signer.ts";
import type { Connection } from "../../src/ports/callers.ts";
import { anApp, caller } from "./app.ts";
import { asJson } from "./edit-requests.ts";
import { attentive, FakeClock } from "./fakes.ts";
import { type Answer, send } from "./http.ts";
import { MemoryClientResponses } from "./response-fakes.ts";

const path = "/v1/images/generations";

/** OpenAI's dialect on ports in memory; a reading of the clock takes 100 ms, and the wait is a second. */
export function aDialect(connection: Partial<Connection> = {}, settings: Partial<EditDeps> = {}) {
  const app = anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 100) });
  const writing: (() => void)[] = [];
  const nextWritten = async () =>
    new Promise<boolean>((resolve) => {
      writing.push(() => resolve(true));
    });
  const responses = new MemoryClientResponses(app.idempotency);
  const endpoints = openAiEndpoints({
    ...app,
    responses,
    runner: () => app.runner,
    feeds: eventFeeds(app.jobs, 10),
    connections: { of: (id) => ({ ...attentive.of(id), written: nextWritten(), ...connection }) },
    pictureSigner: hmacResultSigner("a signing key of more than 32 characters", 24, app.clock, "picture"),
    waitSeconds: 1,
    ...settings,
  });
  const generate = async (
    headers: Record<string, string> = {},
    body: object = { model: "gpt-image-1", prompt: "a cat", response_format: "url" },
  ): Promise<Answer> => {
    const endpoint = endpoints.find(({ route }) => `/${route}` === path);
    if (!endpoint) throw new Error("There is no such endpoint.");
    const sent = asJson(body, path);
    const answer = await send(endpoint, {
      ...sent,
      headers: { "x-caller": caller, ...sent.headers, ...headers },
    });
    // The last byte is written; what follows from that is done in turns of its own.
    for (const written of writing.splice(0)) written();
    await setImmediate();
    return answer;
  };
  return { app, responses, endpoints, generate };
}
