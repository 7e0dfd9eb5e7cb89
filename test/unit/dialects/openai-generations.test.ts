import { describe, expect, it } from "vitest";
import { openAiEndpoints } from "../../../src/dialects/openai/endpoints.ts";
import { factsOf, type FaultCode } from "../../../src/domain/fault.ts";
import type { Connection } from "../../../src/ports.ts";
import { type App, anApp, caller } from "../../support/app.ts";
import { asJson, onlyJob } from "../../support/edit-requests.ts";
import { attentive, FakeClock } from "../../support/fakes.ts";
import { send } from "../../support/http.ts";
import { MemoryClientResponses } from "../../support/response-fakes.ts";
import { storedSlot } from "../../support/slots.ts";
import { eventFeeds } from "../../../src/functions/event-feed.ts";
import { hmacResultSigner } from "../../../src/platform/result-signer.ts";

const path = "/v1/images/generations";
const wish = { model: "gpt-image-1", prompt: "a cat", response_format: "url" };

function aDialect(connection: Partial<Connection> = {}) {
  const app = anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 100) });
  const responses = new MemoryClientResponses(app.claims);
  const endpoints = openAiEndpoints({
    ...app,
    responses,
    runner: () => app.runner,
    feeds: eventFeeds(app.jobs, 10),
    connections: { of: (id) => ({ ...attentive.of(id), ...connection }) },
    pictureSigner: hmacResultSigner("a signing key of more than 32 characters", 24, app.clock, "picture"),
    waitSeconds: 1,
  });
  const generate = async (headers: Record<string, string> = {}) => {
    const endpoint = endpoints.find(({ route }) => `/${route}` === path);
    if (!endpoint) throw new Error("There is no such endpoint.");
    const sent = asJson(wish, path);
    return send(endpoint, { ...sent, headers: { "x-caller": caller, ...sent.headers, ...headers } });
  };
  return { app, responses, generate };
}

const idOf = ({ headers }: { headers: Headers }) => headers.get("x-darkroom-job");

async function succeed(app: App): Promise<void> {
  const { id, createdAt } = onlyJob(app);
  app.jobs.arrange(id, { call: 0, inDoubt: [], duplicates: [] }, [storedSlot(0)]);
  await app.jobs.advance(id, "running", { startedAt: createdAt });
  await app.jobs.advance(id, "succeeded", { finishedAt: createdAt });
}

describe("a job that outlasts the wait", () => {
  it("is answered with a 504 that clients repeat, and the same again gets it", async () => {
    const { app, responses, generate } = aDialect();
    const late = await generate();
    const { id } = onlyJob(app);
    expect([late.status, idOf(late), late.json]).toMatchObject([
      504,
      id,
      { error: { type: "timeout_error" } },
    ]);
    expect(late.headers.get("x-should-retry")).toBe("true");
    expect(late.text).toContain(id);
    await succeed(app);
    const again = await generate();
    expect([again.status, idOf(again), again.headers.get("idempotency-replayed")]).toEqual([200, id, "true"]);
    expect(again.text).toContain(`/pictures/${id}/0?`);
    expect(responses.all).toMatchObject([{ outcome: "delivered" }]);
    // It was delivered now: the next is another picture.
    expect(idOf(await generate())).not.toBe(id);
    expect(app.jobs.jobs.size).toBe(2);
  });
});

describe("a client that hangs up", () => {
  it("cancels nothing; the same again joins its job", async () => {
    const gone = new AbortController();
    const { app, responses, generate } = aDialect({ closed: gone.signal });
    gone.abort();
    await generate();
    expect(onlyJob(app).status).toBe("queued");
    expect(responses.all).toMatchObject([{ outcome: "lost" }]);
    await generate();
    expect(app.jobs.jobs.size).toBe(1);
  });

  it("while its answer is written has not got it", async () => {
    const { app, responses, generate } = aDialect({ written: Promise.resolve(false) });
    app.runner.start = async () => succeed(app);
    expect((await generate()).status).toBe(200);
    expect(responses.all).toMatchObject([{ outcome: "lost" }]);
    expect(idOf(await generate())).toBe(onlyJob(app).id);
  });
});

it("a job that was deleted meanwhile is joined by nobody", async () => {
  const { app, generate } = aDialect();
  await generate();
  const { id } = onlyJob(app);
  app.jobs.jobs.delete(id);
  expect(idOf(await generate())).not.toBe(id);
});

it.each<[FaultCode, number, string]>([
  ["contentFilter", 400, "moderation_blocked"],
  ["upstreamRejected", 400, "upstream_rejected"],
  ["accountBlocked", 403, "billing_hard_limit_reached"],
  ["throttled", 422, "rate_limit_exceeded"],
  ["upstreamUnavailable", 422, "upstream_unavailable"],
  ["deadlineExceeded", 422, "timeout"],
  ["internal", 422, "server_error"],
])("a job that failed by %s is a %i that no client repeats", async (code, status, shown) => {
  const { app, generate } = aDialect();
  app.runner.start = async ({ id }) => {
    await app.jobs.advance(id, "failed", { fault: factsOf(code, "Why it failed.") });
  };
  const failed = await generate();
  expect([failed.status, failed.json, idOf(failed)]).toMatchObject([
    status,
    { error: { code: shown } },
    onlyJob(app).id,
  ]);
  expect(failed.headers.get("x-should-retry")).toBe("false");
  expect(failed.text).toContain("Why it failed.");
});
