import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { errorInfo, type ErrorCode } from "../../../src/domain/app-error.ts";
import type { App } from "../../support/app.ts";
import { aDialect } from "../../support/dialect.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { storedSlot } from "../../support/slots.ts";

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

describe("a request that waits", () => {
  it("holds its response, so that an equal one is another picture", async () => {
    const { responses, generate } = aDialect({}, { renewEveryMs: 1, waitSeconds: 2 });
    const change = responses.change.bind(responses);
    let renewals = 0;
    responses.change = async (holding, facts) => {
      if (facts.heldUntil !== undefined) renewals += 1;
      return change(holding, facts);
    };
    await generate();
    expect(renewals).toBeGreaterThan(0);
    // Nobody waits any more.
    const before = renewals;
    await setTimeout(10);
    expect(renewals).toBe(before);
  });

  it("says once that it can't be held, and gets its picture all the same", async () => {
    const { app, responses, generate } = aDialect({}, { renewEveryMs: 1, waitSeconds: 5 });
    responses.change = async () => Promise.reject(new Error("storage is away"));
    app.runner.start = async () => void setTimeout(50).then(async () => succeed(app));
    const { status, log } = await generate();
    expect(status).toBe(200);
    expect(log.filter((line) => line.includes("could not be held"))).toHaveLength(1);
  });
});

describe("a client that hangs up", () => {
  it("cancels nothing; the same again joins its job", async () => {
    const gone = new AbortController();
    const { app, responses, generate } = aDialect({ closed: gone.signal });
    gone.abort();
    app.jobs.outage.of("read");
    const { log } = await generate();
    // Nor is its job watched any more, which would fail now.
    expect(log.join()).not.toContain("could not be watched");
    app.jobs.outage.end();
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

it.each(["0", "1"])(
  "a client that counts %s retries joins what was lost, also around its own retries",
  async (count) => {
    const { app, generate } = aDialect();
    await generate({ "x-stainless-retry-count": "0" });
    await generate({ "x-stainless-retry-count": count });
    expect(app.jobs.jobs.size).toBe(1);
  },
);

it("what was lost is joined while no new job is taken", async () => {
  const { app, generate } = aDialect();
  const late = await generate();
  await app.service.set("draining");
  expect(idOf(await generate())).toBe(idOf(late));
  expect((await generate({}, { model: "gpt-image-1", prompt: "a dog" })).status).toBe(503);
});

it("a job that was deleted meanwhile is joined by nobody", async () => {
  const { app, generate } = aDialect();
  await generate();
  const { id } = onlyJob(app);
  app.jobs.jobs.delete(id);
  const again = await generate();
  expect([again.status, idOf(again)]).toEqual([504, onlyJob(app).id]);
  expect(idOf(again)).not.toBe(id);
});

it.each<[ErrorCode, number, string]>([
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
    await app.jobs.advance(id, "failed", { failure: errorInfo(code, "Why it failed.") });
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
