import { beforeAll, describe, expect, it } from "vitest";
import type { ErrorReply, Job, UploadTickets } from "../../../src/contracts/http-api.ts";
import { type App, anApp } from "../../support/app.ts";
import { aMask, aPhoto } from "../../support/edit-pictures.ts";
import { aForm, asJson, edits, onlyJob, uploaded } from "../../support/edit-requests.ts";
import { FakeClock } from "../../support/fakes.ts";
import type { Answer, Sent } from "../../support/http.ts";
import { brokenPromises } from "../../support/schemas.ts";

const generations = "/api/images/generations";
const imageParams = { model: "dall-e-3", prompt: "a cat", n: 2, tags: ["a"], metadata: { a: "1", b: "2" } };
const key = { "idempotency-key": "order-7" };

const generate = (app: App, headers: Record<string, string> = key, body: object = imageParams) => {
  const sent = asJson(body, generations);
  return app.ask("generationsPost", { ...sent, headers: { ...sent.headers, ...headers } });
};
const withKey = (sent: Sent, headers: Record<string, string> = key): Sent => ({
  ...sent,
  headers: { ...sent.headers, ...headers },
});
const idOf = ({ json }: Answer) => (json as Job).id;
const isReplayed = ({ headers }: Answer) => headers.get("idempotency-replayed");
const errorOf = ({ status, json }: Answer) => ({ status, ...(json as ErrorReply).error });

/** The orchestration has begun. */
async function begin(app: App) {
  await app.jobs.advance(onlyJob(app).id, "running", {});
}

describe("a request that comes again under its key", () => {
  it("is answered with the first one's job, marked, and nothing is recorded or started", async () => {
    const app = anApp();
    const first = await generate(app);
    const again = await generate(app);
    expect([first.status, again.status, idOf(again)]).toEqual([202, 202, onlyJob(app).id]);
    expect([isReplayed(first), isReplayed(again)]).toEqual([null, "true"]);
    expect(again.headers.get("location")).toContain(onlyJob(app).id);
    expect(app.runner.started).toHaveLength(1);
    expect(brokenPromises(app.endpoints.generationsPost, again)).toEqual([]);
  });

  it("is known by what it asks for, however that is written", async () => {
    const app = anApp();
    await generate(app);
    const reordered = { metadata: { b: "2", a: "1" }, tags: ["a"], n: 2, prompt: "a cat", model: "dall-e-3" };
    expect(isReplayed(await generate(app, key, { ...reordered, style: null }))).toBe("true");
  });

  it("gets the job as it stands by then: 200 with its images once it has ended", async () => {
    const app = anApp();
    await generate(app);
    await begin(app);
    expect((await generate(app)).json).toMatchObject({ status: "running" });
    await app.jobs.advance(onlyJob(app).id, "failed", {});
    const ended = await generate(app);
    expect([ended.status, ended.json, isReplayed(ended)]).toMatchObject([200, { status: "failed" }, "true"]);
    expect(app.runner.started).toHaveLength(1);
  });

  it("gets the job as it ended though its row is still behind", async () => {
    const app = anApp();
    await generate(app);
    await begin(app);
    const job = onlyJob(app);
    const finishedAt = "2026-03-04T05:06:08.000Z";
    await app.jobs.end(job.id, async () => ({ end: { status: "canceled", finishedAt }, slots: [] }));
    app.jobs.jobs.set(job.id, job);
    const again = await generate(app);
    expect([again.status, again.json]).toMatchObject([200, { status: "canceled", finished_at: finishedAt }]);
  });

  it("may wait for the job", async () => {
    const app = anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 499) });
    await generate(app);
    await begin(app);
    const wait = { ...key, prefer: "wait=1" };
    const early = await generate(app, wait);
    expect([early.status, early.headers.get("preference-applied"), isReplayed(early)]).toEqual([
      202,
      "wait=1",
      "true",
    ]);
    const { id } = onlyJob(app);
    const read = app.jobs.read.bind(app.jobs);
    app.jobs.read = async (jobId) => {
      const job = await read(jobId);
      await app.jobs.advance(id, "succeeded", {});
      return job;
    };
    const ended = await generate(app, wait);
    expect([ended.status, idOf(ended), ended.json]).toMatchObject([200, id, { status: "succeeded" }]);
  });

  it("is refused with 422 when it asks for something else, and nothing is stored", async () => {
    const app = anApp();
    await generate(app);
    for (const body of [{ ...imageParams, n: 1 }, { ...imageParams, tags: ["b"] }, { prompt: "a cat" }]) {
      const refused = await generate(app, key, body);
      expect(errorOf(refused)).toMatchObject({ status: 422, code: "idempotencyMismatch", retryable: false });
      expect(brokenPromises(app.endpoints.generationsPost, refused)).toEqual([]);
    }
    expect([app.jobs.jobs.size, app.idempotency.idempotency.size, app.runner.started.length]).toEqual([
      1, 1, 1,
    ]);
  });

  it("is refused with 410 when the job was deleted: its key makes no second one", async () => {
    const app = anApp();
    await generate(app);
    app.jobs.jobs.delete(onlyJob(app).id);
    const gone = await generate(app);
    expect(errorOf(gone)).toMatchObject({ status: 410, code: "expired", retryable: false });
    expect(brokenPromises(app.endpoints.generationsPost, gone)).toEqual([]);
    expect([app.jobs.jobs.size, app.runner.started.length]).toEqual([0, 1]);
  });

  it("is a request of its own a day later", async () => {
    const clock = new FakeClock();
    const app = anApp({ clock });
    const first = await generate(app);
    clock.pass(24 * 3_600_000);
    expect(idOf(await generate(app))).toBe(idOf(first));
    clock.pass(1);
    const fresh = await generate(app);
    expect([idOf(fresh) === idOf(first), isReplayed(fresh)]).toEqual([false, null]);
    expect(idOf(await generate(app))).toBe(idOf(fresh));
  });

  it("is a request of its own when somebody else sends it", async () => {
    const app = anApp();
    await generate(app);
    expect(isReplayed(await generate(app, { ...key, "x-caller": "key:tablet" }))).toBeNull();
    expect(app.jobs.jobs.size).toBe(2);
  });
});

describe("a key claims nothing", () => {
  it("with a request that is refused", async () => {
    const app = anApp();
    expect(errorOf(await generate(app, key, { ...imageParams, size: "1x1" }))).toMatchObject({ status: 400 });
    expect(app.idempotency.idempotency.size).toBe(0);
    expect((await generate(app)).status).toBe(202);
  });

  it("when it is none: a 400 names it", async () => {
    const app = anApp();
    const { status, param, message } = errorOf(await generate(app, { "idempotency-key": "x".repeat(256) }));
    expect([status, param]).toEqual([400, "Idempotency-Key"]);
    expect(message).toContain("255");
    expect(app.jobs.jobs.size).toBe(0);
  });

  it("when the job can't be recorded", async () => {
    const app = anApp();
    app.jobs.outage.of("create");
    expect((await generate(app)).status).toBe(500);
    app.jobs.outage.end();
    const next = await generate(app);
    expect([next.status, isReplayed(next)]).toEqual([202, null]);
  });
});

describe("a job whose first request was cut off before its start", () => {
  async function cutOff() {
    const clock = new FakeClock();
    const app = anApp({ clock });
    app.runner.outage.of("start");
    await generate(app);
    app.runner.outage.end();
    return { app, clock };
  }

  it("is started by a repetition, once", async () => {
    const { app, clock } = await cutOff();
    await generate(app);
    expect(app.runner.started).toEqual([]);
    clock.pass(5_000);
    const again = await generate(app);
    expect([again.status, isReplayed(again)]).toEqual([202, "true"]);
    expect(app.runner.started).toEqual([onlyJob(app)]);
    await generate(app);
    expect(app.runner.started).toHaveLength(1);
  });

  it("is started by the next one, when the first that tried was cut off as well", async () => {
    const { app, clock } = await cutOff();
    clock.pass(5_000);
    app.runner.outage.of("start");
    const { status, log } = await generate(app);
    expect([status, log.join("\n")]).toEqual([202, expect.stringContaining("could not be started")]);
    app.runner.outage.end();
    clock.pass(5_000);
    await generate(app);
    expect(app.runner.started).toHaveLength(1);
  });

  it("is left alone when it runs, has run, or has ended", async () => {
    for (const state of ["active", "ended"] as const) {
      const { app, clock } = await cutOff();
      clock.pass(5_000);
      app.runner.states.set(onlyJob(app).id, state);
      await generate(app);
      expect(app.runner.started).toEqual([]);
    }
    const { app, clock } = await cutOff();
    clock.pass(5_000);
    await app.jobs.advance(onlyJob(app).id, "canceled", {});
    expect((await generate(app)).status).toBe(200);
    expect(app.runner.started).toEqual([]);
  });
});

describe("a client library's own retry", () => {
  const first = { "x-stainless-retry-count": "0" };
  const retry = { "x-stainless-retry-count": "1" };

  it("joins the job that the same caller asked for within ten minutes", async () => {
    const clock = new FakeClock();
    const app = anApp({ clock });
    const { json } = await generate(app, first);
    clock.pass(10 * 60_000);
    const again = await generate(app, { "x-stainless-retry-count": "2" });
    expect([again.status, idOf(again), isReplayed(again)]).toEqual([202, (json as Job).id, "true"]);
    expect(app.jobs.jobs.size).toBe(1);
    clock.pass(1);
    expect(isReplayed(await generate(app, retry))).toBeNull();
    expect(app.jobs.jobs.size).toBe(2);
  });

  it("joins another retry whose first try never arrived", async () => {
    const app = anApp();
    expect(isReplayed(await generate(app, retry))).toBeNull();
    expect(isReplayed(await generate(app, retry))).toBe("true");
  });

  it("joins the latest of several first tries, none of which joined another", async () => {
    const app = anApp();
    const [one, other] = [await generate(app, first), await generate(app, first)];
    expect([isReplayed(other), idOf(other) === idOf(one)]).toEqual([null, false]);
    expect(idOf(await generate(app, retry))).toBe(idOf(other));
  });

  it.each([
    ["another body", retry, { ...imageParams, n: 1 }],
    ["another caller", { ...retry, "x-caller": "key:tablet" }, imageParams],
    ["a key", { ...retry, ...key }, imageParams],
  ])("joins nothing with %s", async (_what, headers, body) => {
    const app = anApp();
    await generate(app, first);
    expect(isReplayed(await generate(app, headers, body))).toBeNull();
    expect(app.jobs.jobs.size).toBe(2);
  });

  it("is told by nothing but its header: requests without it leave and join nothing", async () => {
    const app = anApp();
    await generate(app, {});
    expect(app.idempotency.idempotency.size).toBe(0);
    expect(isReplayed(await generate(app, {}))).toBeNull();
  });
});

describe("an edit that comes again", () => {
  let photo: Buffer, mask: Buffer;
  beforeAll(async () => {
    [photo, mask] = await Promise.all([aPhoto(), aMask()]);
  });
  const form = async (image: Uint8Array, prompt = "a hat") => withKey(await aForm({ prompt, image, mask }));

  it("as a form is known by its files, and its own copies are removed", async () => {
    const app = anApp();
    const first = await app.ask("editsPost", await form(photo));
    const stored = [...app.uploads.uploads];
    const again = await app.ask("editsPost", await form(photo));
    expect([first.status, again.status, idOf(again), isReplayed(again)]).toEqual([
      202,
      202,
      onlyJob(app).id,
      "true",
    ]);
    expect(app.uploads.uploads).toEqual(stored);
    expect(brokenPromises(app.endpoints.editsPost, again)).toEqual([]);
  });

  it("as a form with another file, or another prompt, is refused and leaves nothing behind", async () => {
    const app = anApp();
    await app.ask("editsPost", await form(photo));
    const stored = [...app.uploads.uploads];
    for (const sent of [await form(mask), await form(photo, "a tie")]) {
      const refused = await app.ask("editsPost", sent);
      expect(errorOf(refused)).toMatchObject({ status: 422, code: "idempotencyMismatch" });
      expect(brokenPromises(app.endpoints.editsPost, refused)).toEqual([]);
    }
    expect(app.uploads.uploads).toEqual(stored);
    expect(onlyJob(app).status).toBe("queued");
  });

  it("as JSON gets its job although the upload is gone by then, and fetches nothing", async () => {
    const app = anApp();
    app.fetcher.pictures.set("https://pictures.example/a.png", photo);
    const images = [uploaded(app, photo), { url: "https://pictures.example/a.png" }];
    const sent = withKey(asJson({ prompt: "a hat", images }, edits));
    await app.ask("editsPost", sent);
    app.uploads.blobs.clear();
    const again = await app.ask("editsPost", sent);
    expect([again.status, isReplayed(again), app.fetcher.asked.length]).toEqual([202, "true", 1]);
    const changed = withKey(asJson({ prompt: "a hat", images: images.slice(1) }, edits));
    expect(errorOf(await app.ask("editsPost", changed))).toMatchObject({ status: 422 });
  });

  it("as JSON at the same time makes one job, and the other's inputs are removed", async () => {
    const app = anApp();
    const image = { b64_json: photo.toString("base64") };
    const sent = withKey(asJson({ prompt: "a hat", images: [image] }, edits));
    const answers = await Promise.all([1, 2, 3].map(() => app.ask("editsPost", sent)));
    const { id } = onlyJob(app);
    expect(answers.map((answer) => [answer.status, idOf(answer)])).toEqual(answers.map(() => [202, id]));
    expect(answers.filter((answer) => isReplayed(answer) === "true")).toHaveLength(2);
    expect(app.uploads.uploads).toEqual([`${id}/image-0`]);
  });

  it("keeps its inputs when nobody knows whether it was recorded", async () => {
    const app = anApp();
    app.jobs.outage.of("create");
    expect((await app.ask("editsPost", await form(photo))).status).toBe(500);
    expect(app.uploads.uploads).toHaveLength(2);
  });

  it("is another request than a generation under the same key", async () => {
    const app = anApp();
    await generate(app);
    expect(errorOf(await app.ask("editsPost", await form(photo)))).toMatchObject({ status: 422 });
  });
});

describe("uploads with on_complete that are asked for again", () => {
  const path = "/api/uploads";
  const body = { expects: ["image", "mask", "image"], on_complete: { prompt: "a hat" } };
  const ask = (app: App, asked: object = body) => app.ask("uploadsPost", withKey(asJson(asked, path)));

  it("get links for the uploads that the first one's job waits for, in their order", async () => {
    const app = anApp();
    const first = await ask(app);
    const again = await ask(app);
    const names = ({ json }: Answer) =>
      (json as UploadTickets).uploads.map(({ upload_id, expects }) => [upload_id, expects]);
    expect([again.status, isReplayed(first), isReplayed(again)]).toEqual([201, null, "true"]);
    expect(names(again)).toEqual(names(first));
    expect((again.json as UploadTickets).job?.id).toBe(onlyJob(app).id);
    expect(app.runner.started).toHaveLength(1);
    expect(brokenPromises(app.endpoints.uploadsPost, again)).toEqual([]);
  });

  it("are refused with 422 when they ask for something else", async () => {
    const app = anApp();
    await ask(app);
    const refused = await ask(app, { ...body, expects: ["image"] });
    expect(errorOf(refused)).toMatchObject({ status: 422, code: "idempotencyMismatch" });
    expect(brokenPromises(app.endpoints.uploadsPost, refused)).toEqual([]);
  });

  it("claim nothing without on_complete: links cost nothing", async () => {
    const app = anApp();
    expect(isReplayed(await ask(app, {}))).toBeNull();
    expect(isReplayed(await ask(app, {}))).toBeNull();
    expect(app.idempotency.idempotency.size).toBe(0);
  });
});
