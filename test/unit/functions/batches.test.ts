import { describe, expect, it } from "vitest";
import type { BatchReply } from "../../../src/contracts/batches.ts";
import { AppError } from "../../../src/domain/app-error.ts";
import { batchesAdvance } from "../../../src/functions/batches-advance.ts";
import { generateInboxScan } from "../../../src/functions/generate-inbox-scan.ts";
import { type App, anApp } from "../../support/app.ts";
import { MemoryInboxListing } from "../../support/edit-fakes.ts";
import { aContext } from "../../support/http.ts";

const csv = "prompt,n,model\na cat,2,dall-e-2\na dog,99,\na cat,2,dall-e-2\na hat,,dall-e-9\n";

async function post(app: App, body: string, headers: Record<string, string> = {}) {
  const sent = { path: "/api/batches", headers: { "content-type": "text/csv", ...headers }, body };
  const { status, json, headers: replied } = await app.ask("batchesPost", sent);
  return { status, batch: json as BatchReply, headers: replied };
}
const read = async (app: App, id: string) =>
  (await app.ask("batchesGet", { path: `/api/batches/${id}` })).json as BatchReply;
const round = async (app: App) => batchesAdvance(app)({} as never, aContext());
const statuses = ({ items }: BatchReply) => items.map(({ line, status }) => [line, status]);
const jobs = (app: App) => [...app.jobs.jobs.values()];

async function end(app: App, status: "succeeded" | "failed", only: (prompt: string) => boolean = () => true) {
  for (const job of jobs(app)) {
    if (!only(job.request.prompt)) continue;
    await app.jobs.advance(job.id, "running", {});
    await app.jobs.advance(job.id, status, { finishedAt: app.clock.now().toISOString() });
  }
}

describe("a batch", () => {
  it("is a job for each line that can be had; the others are named by line and field", async () => {
    const app = anApp();
    const { status, batch, headers } = await post(app, csv);
    expect([status, headers.get("location")]).toEqual([202, batch.links.self]);
    expect(statuses(batch)).toEqual([
      [2, "queued"],
      [3, "refused"],
      [4, "queued"],
      [5, "refused"],
    ]);
    expect(batch).toMatchObject({ status: "running", total: 4, counts: { queued: 2, refused: 2 } });
    expect(batch.items[1]?.error).toMatchObject({
      param: "n",
      message: "n must be an integer from 1 to 10.",
    });
    expect(batch.items[3]?.error).toMatchObject({
      param: "model",
      allowed: expect.arrayContaining(["dall-e-3"]) as unknown,
    });
    // The same line twice is two pictures.
    expect(new Set(jobs(app).map(({ id }) => id)).size).toBe(2);
    expect(app.runner.started).toHaveLength(2);
    expect(await read(app, batch.id)).toEqual(batch);
  });

  it("ends when its jobs have, and is looked at no more", async () => {
    const app = anApp();
    const { batch } = await post(app, csv);
    await end(app, "succeeded");
    await round(app);
    expect(await read(app, batch.id)).toMatchObject({
      status: "succeeded",
      counts: { succeeded: 2, refused: 2 },
    });
    expect(app.batches.open.size).toBe(0);
  });

  it("waits with the lines that have no room, and goes on when there is", async () => {
    const app = anApp();
    let room = 1;
    app.accounts.enter = async () => {
      if (room === 0) throw new AppError("throttled", "You have 1 open job.");
      room -= 1;
      return { leave: async () => {} };
    };
    const { batch } = await post(app, csv);
    expect(
      statuses(batch)
        .map(([, status]) => status)
        .sort(),
    ).toEqual(["queued", "refused", "refused", "waiting"]);
    room = 1;
    await round(app);
    expect((await read(app, batch.id)).counts).toEqual({ queued: 2, refused: 2 });
  });

  it("that is cut off after a job was recorded makes no other for the line", async () => {
    const app = anApp();
    app.batches.outage.of("save");
    const { batch } = await post(app, csv);
    expect([jobs(app).length, batch.counts]).toEqual([2, { waiting: 2, refused: 2 }]);
    // Ended badly meanwhile: the batch asked for it once.
    await end(app, "failed");
    app.batches.outage.end();
    await round(app);
    expect(jobs(app)).toHaveLength(2);
    expect((await read(app, batch.id)).counts).toEqual({ failed: 2, refused: 2 });
  });

  it("is sent again under its key and is the same; another under that key is refused", async () => {
    const app = anApp();
    const key = { "idempotency-key": "k" };
    const first = await post(app, csv, key);
    const again = await post(app, csv, key);
    expect([again.status, again.batch, again.headers.get("idempotency-replayed")]).toEqual([
      202,
      first.batch,
      "true",
    ]);
    expect(jobs(app)).toHaveLength(2);
    expect((await post(app, "prompt\nanother\n", key)).status).toBe(422);
  });

  it("is canceled with its jobs and its waiting lines, and deleted then", async () => {
    const app = anApp();
    app.queue.join = async (job) => {
      if (jobs(app).length > 0) throw new AppError("throttled", `${job.deployment} is full.`);
      return { leave: () => undefined };
    };
    const { batch } = await post(app, "prompt\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    const path = `/api/batches/${batch.id}`;
    expect((await app.ask("batchesDelete", { path })).status).toBe(409);
    const canceled = await app.ask("batchCancelPost", { path: `${path}/cancel` });
    expect([canceled.status, canceled.json]).toMatchObject([
      200,
      { status: "canceled", counts: { canceled: 10 } },
    ]);
    expect(new Set(jobs(app).map(({ status }) => status))).toEqual(new Set(["canceled"]));
    expect((await app.ask("batchesDelete", { path })).status).toBe(204);
    expect((await app.ask("batchesGet", { path })).status).toBe(404);
    expect((await app.ask("batchesList", { path: "/api/batches" })).json).toEqual({ batches: [] });
  });

  it("accepts no line once its token has expired or its key is revoked", async () => {
    const app = anApp();
    app.service.now = "paused";
    const { batch } = await post(app, csv);
    const stored = app.batches.batches.get(batch.id);
    if (stored) stored.batch.identity = { caller: "key:phone", scopes: ["generate"], keyId: "gone" };
    app.keys.findById = async () => undefined as never;
    app.service.now = "open";
    await round(app);
    const [line] = (await read(app, batch.id)).items;
    expect(line).toMatchObject({
      line: 2,
      status: "refused",
      error: { code: "forbidden", message: /revoked/ },
    });
    expect(jobs(app)).toEqual([]);
  });

  it("is listed newest first, page by page, without its lines", async () => {
    const app = anApp();
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      ids.unshift((await post(app, "prompt\na\n")).batch.id);
      app.clock.pass(1_000);
    }
    const page = async (query: string) =>
      (await app.ask("batchesList", { path: `/api/batches?${query}` })).json;
    const first = (await page("limit=2")) as {
      batches: { id: string; items?: unknown }[];
      next_cursor: string;
    };
    expect(first.batches.map(({ id, items }) => [id, items])).toEqual(
      ids.slice(0, 2).map((id) => [id, undefined]),
    );
    expect(await page(`limit=2&cursor=${first.next_cursor}`)).toMatchObject({ batches: [{ id: ids[2] }] });
    const others = await app.ask("batchesGet", {
      path: `/api/batches/${ids[0]}`,
      headers: { "x-caller": "key:web" },
    });
    expect(others.status).toBe(404);
  });

  it.each([
    ["image/png", "prompt\na\n", 415],
    ["text/csv", "promt\na\n", 400],
    ["application/jsonl", "\n", 400],
  ])("as %s of %j is refused", async (type, body, status) => {
    const app = anApp();
    expect((await post(app, body, { "content-type": type })).status).toBe(status);
    expect(app.batches.batches.size).toBe(0);
  });
});

describe("a file of generate-inbox", () => {
  function anInbox() {
    const app = anApp();
    const inbox = new MemoryInboxListing(app.uploads, 5_000, "generate-inbox");
    const scan = generateInboxScan({ ...app, inbox, inboxCaller: "key:inbox" });
    const drop = (name: string, text: string) => app.uploads.drop(`generate-inbox/${name}`, text);
    const look = async () => {
      app.clock.pass(15_000);
      await scan({} as never, aContext());
      await round(app);
    };
    const manifest = (name: string) =>
      app.generated.results.get(name)?.result as BatchReply & { source: string };
    return { app, drop, look, manifest };
  }

  it("is a batch of its own, whose manifest has each line with its job, in order", async () => {
    const { app, drop, look, manifest } = anInbox();
    drop("in/cats.csv", csv);
    await look();
    expect(manifest("in/cats.json")).toBeUndefined();
    await end(app, "succeeded");
    for (let again = 0; again < 2; again += 1) await look();
    expect(jobs(app)).toHaveLength(2);
    expect(manifest("in/cats.json")).toMatchObject({
      status: "succeeded",
      source: "generate-inbox/in/cats.csv",
      counts: { succeeded: 2, refused: 2 },
      items: [
        { line: 2, job: { status: "succeeded", request: { prompt: "a cat", n: 2 } } },
        { line: 3, status: "refused", error: { param: "n" } },
        { line: 4, job: { status: "succeeded" } },
        { line: 5, status: "refused", error: { param: "model" } },
      ],
    });
  });

  it("dropped again pays for no line that is made or under way, and asks again for what failed", async () => {
    const { app, drop, look, manifest } = anInbox();
    drop("cats.csv", "prompt\nmade\nfailed\nopen\n");
    await look();
    await end(app, "succeeded", (prompt) => prompt === "made");
    await end(app, "failed", (prompt) => prompt === "failed");
    app.clock.pass(1_000);
    drop("cats.csv", "prompt\nnew\nopen\nmade\nfailed\n");
    await look();
    expect(
      jobs(app)
        .map(({ request }) => request.prompt)
        .sort(),
    ).toEqual(["failed", "failed", "made", "new", "open"]);
    await end(app, "succeeded");
    await look();
    expect(manifest("cats.json").items.map(({ line, status }) => [line, status])).toEqual(
      [2, 3, 4, 5].map((line) => [line, "succeeded"]),
    );
  });

  it("that is no batch has failed, and says why; others are left alone", async () => {
    const { app, drop, look, manifest } = anInbox();
    drop("bad.csv", "promt\na\n");
    drop("notes.txt", "prompt\na\n");
    drop("one.json", '{"prompt":"a hat"}');
    await look();
    expect(manifest("bad.json")).toMatchObject({
      status: "failed",
      error: { message: /Did you mean prompt/ },
      items: [],
    });
    expect(jobs(app).map(({ request }) => request.prompt)).toEqual(["a hat"]);
  });
});
