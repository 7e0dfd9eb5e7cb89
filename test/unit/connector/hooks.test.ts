import { describe, expect, it } from "vitest";
import { connectorError, imageJob } from "../../../src/connector/contracts/schemas.ts";
import { type App, anApp, caller, keep } from "../../support/app.ts";
import { anonymous, askConnector, expectShape, json, locationOf } from "../../support/connector.ts";
import { aPhoto } from "../../support/edit-pictures.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { origin } from "../../support/http.ts";
import { callbackUrl } from "../../support/webhook-jobs.ts";

const hooksPath = "/api/connector/hooks/images";
const imageParams = { deployment: "dalle3", prompt: "a cat", callbackUrl };
const elsewhere = "https://engine.example/runs/2/callback?sig=0ther";

const wait = (app: App, body: object = imageParams, headers: Record<string, string> = {}) =>
  askConnector(app, "generateImageAndWait", {
    path: "/api/connector/images/generations/callback",
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });
const subscribe = (app: App, body: object, headers: Record<string, string> = {}) =>
  askConnector(app, "whenImageIsReady", {
    path: hooksPath,
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });
const end = (app: App, path: string) => askConnector(app, "deleteImageHook", { path, headers: anonymous });
const allJobs = (app: App) => [...app.jobs.jobs.values()];
const allHooks = (app: App) => [...app.hooks.hooks.values()];

describe("an action that waits for a callback", () => {
  it("is answered 201 with its job and the address that ends the waiting, and starts it", async () => {
    const app = anApp();
    const answer = await wait(app, { ...imageParams, n: 2, includeContent: true });
    expect(answer.status).toBe(201);
    const { jobId } = expectShape(answer.json, imageJob);
    expect(answer.headers.get("location")).toMatch(
      new RegExp(`^${origin}${hooksPath}/${jobId}_[0-9a-f]{32}_[\\w-]{43}$`),
    );
    expect(answer.headers.has("retry-after")).toBe(false);
    expect(app.runner.started.map(({ id }) => id)).toEqual([jobId]);
    expect(onlyJob(app)).toMatchObject({
      callbacks: [{ url: callbackUrl, includeContent: true }],
      notification: "pending",
    });
  });

  it("edits what it brings", async () => {
    const app = anApp();
    const contentBytes = (await aPhoto()).toString("base64");
    const answer = await askConnector(app, "editImageAndWait", {
      path: "/api/connector/images/edits/callback",
      headers: json,
      body: JSON.stringify({ prompt: "a hat", images: [{ contentBytes }], callbackUrl }),
    });
    expect([answer.status, onlyJob(app).kind, onlyJob(app).callbacks?.length]).toEqual([201, "edit", 1]);
  });

  it("shows its address nowhere and tells it to no log", async () => {
    const app = anApp();
    const answer = await wait(app);
    const { id } = onlyJob(app);
    const views = await Promise.all([
      app.ask("jobsGet", { path: `/api/jobs/${id}` }),
      app.ask("jobsList", { path: "/api/jobs" }),
      app.ask("getImageJob", { path: `/api/connector/jobs/${id}` }),
    ]);
    for (const { text, log } of [answer, ...views])
      expect([text, ...log].join("\n")).not.toMatch(/engine\.example|s3cret/);
    expect(views.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("that is posted again is the same job with the same address, however often and at once", async () => {
    const app = anApp();
    const answers = await Promise.all(Array.from({ length: 4 }, () => wait(app)));
    answers.push(await wait(app));
    expect(new Set(answers.map(locationOf)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(onlyJob(app).callbacks).toHaveLength(1);
    expect(app.runner.started).toHaveLength(1);
    expect(answers.at(-1)?.headers.get("idempotency-replayed")).toBe("true");
  });

  it("is another job with another address, or for another prompt, or for another caller", async () => {
    const app = anApp();
    await wait(app);
    await wait(app, { ...imageParams, callbackUrl: elsewhere });
    await wait(app, { ...imageParams, prompt: "a dog" });
    await wait(app, imageParams, { "x-caller": "key:other" });
    expect(allJobs(app)).toHaveLength(4);
  });

  it("of another run, under the same key of its author, waits for the same job as well", async () => {
    const app = anApp();
    const key = { "idempotency-key": "order-17" };
    const first = await wait(app, imageParams, key);
    const second = await wait(app, { ...imageParams, callbackUrl: elsewhere }, key);
    expect([second.status, locationOf(first) === locationOf(second)]).toEqual([201, false]);
    expect(onlyJob(app).callbacks?.map(({ url }) => url)).toEqual([callbackUrl, elsewhere]);
    const other = await wait(app, { ...imageParams, prompt: "a dog" }, key);
    expect([other.status, expectShape(other.json, connectorError).error.code]).toEqual([
      422,
      "idempotencyMismatch",
    ]);
  });

  it("that comes for an end which was told before is told it all the same", async () => {
    const app = anApp();
    const key = { "idempotency-key": "order-18" };
    await wait(app, imageParams, key);
    const job = onlyJob(app);
    app.jobs.jobs.set(job.id, { ...job, status: "succeeded", notification: "sent" });
    expect((await wait(app, { ...imageParams, callbackUrl: elsewhere }, key)).status).toBe(201);
    const [, late] = onlyJob(app).callbacks ?? [];
    expect(app.diary).toContain(`notify callback_${late?.name ?? ""}`);
  });

  it("is refused an address that may not be called, before anything is spent, by the field's name", async () => {
    const app = anApp();
    app.callbacks.refused.set(elsewhere, "must begin with https://.");
    const answer = await wait(app, { ...imageParams, callbackUrl: elsewhere });
    const { error } = expectShape(answer.json, connectorError);
    expect([answer.status, error.param, error.message]).toEqual([
      400,
      "callbackUrl",
      "callbackUrl must begin with https://.",
    ]);
    expect([allJobs(app), answer.text.includes("0ther")]).toEqual([[], false]);
  });

  it("whose address can't be looked up any more when it is posted again has its job", async () => {
    const app = anApp();
    await wait(app);
    app.callbacks.refused.set(callbackUrl, "names a host that can't be found.");
    expect((await wait(app)).status).toBe(201);
    expect(allJobs(app)).toHaveLength(1);
  });

  it("without an address is refused", async () => {
    const { callbackUrl: address, ...rest } = imageParams;
    const answer = await wait(anApp(), rest);
    expect([address, answer.status, answer.json]).toMatchObject([
      callbackUrl,
      400,
      { error: { param: "callbackUrl" } },
    ]);
  });
});

describe("DELETE of an action's address", () => {
  it("needs no key, forgets the callback, and cancels the job, which nobody waits for any more", async () => {
    const app = anApp();
    const address = locationOf(await wait(app));
    expect((await end(app, address)).status).toBe(204);
    expect(onlyJob(app)).toMatchObject({ status: "canceled", callbacks: [] });
    expect((await end(app, address)).status).toBe(204);
  });

  it("leaves a job alone that another run waits for, until that has enough as well", async () => {
    const app = anApp();
    const key = { "idempotency-key": "order-19" };
    const first = locationOf(await wait(app, imageParams, key));
    const second = locationOf(await wait(app, { ...imageParams, callbackUrl: elsewhere }, key));
    await end(app, first);
    await end(app, first);
    expect(onlyJob(app)).toMatchObject({ status: "queued", callbacks: [{ url: elsewhere }] });
    await end(app, second);
    expect(onlyJob(app).status).toBe("canceled");
  });

  it("that was cut off after it forgot the callback cancels the job when it comes again", async () => {
    const app = anApp();
    const address = locationOf(await wait(app));
    app.jobs.outage.of("end");
    expect((await end(app, address)).status).toBe(500);
    app.jobs.outage.end();
    await end(app, address);
    expect(onlyJob(app).status).toBe("canceled");
  });

  it("changes nothing about a job that has ended but that its run isn't told any more", async () => {
    const app = anApp();
    const address = locationOf(await wait(app));
    const job = onlyJob(app);
    app.jobs.jobs.set(job.id, { ...job, status: "succeeded" });
    expect((await end(app, address)).status).toBe(204);
    expect(onlyJob(app)).toMatchObject({ status: "succeeded", callbacks: [] });
    app.jobs.removeJob(job.id);
    expect((await end(app, address)).status).toBe(204);
  });
});

describe("WhenImageIsReady", () => {
  it("keeps the caller's requests, and answers with the address that ends them and nothing else", async () => {
    const app = anApp();
    const answer = await subscribe(app, { callbackUrl, outcome: "any", model: "dall-e-3", tag: "demo" });
    expect([answer.status, answer.text]).toEqual([201, ""]);
    expect(locationOf(answer)).toMatch(
      /^\/api\/connector\/hooks\/images\/hook_[0-9a-z]{12}_[0-9a-f]{32}_[\w-]{43}$/,
    );
    const now = app.clock.now().toISOString();
    expect(allHooks(app)).toMatchObject([
      { caller, url: callbackUrl, outcome: "any", model: "dall-e-3", tag: "demo", createdAt: now },
    ]);
    expect(answer.log.join("\n")).not.toMatch(/engine\.example|s3cret|hook_/);
  });

  it("asked for again is the same hook at the same address, with the latest requests", async () => {
    const app = anApp();
    const first = await subscribe(app, { callbackUrl, model: "dall-e-3", tag: "demo" });
    const createdAt = allHooks(app)[0]?.createdAt;
    app.clock.pass(60_000);
    const second = await subscribe(app, { callbackUrl, outcome: "failed", model: "" });
    expect(locationOf(second)).toBe(locationOf(first));
    const [hook, ...more] = allHooks(app);
    expect([more, hook?.outcome, hook?.createdAt]).toEqual([[], "failed", createdAt]);
    expect(hook).not.toHaveProperty("tag");
    expect(hook).not.toHaveProperty("model");
  });

  it("is told of success, if nothing is said", async () => {
    const app = anApp();
    await subscribe(app, { callbackUrl });
    expect(allHooks(app)).toMatchObject([{ outcome: "succeeded" }]);
  });

  it("is refused an address that may not be called, and the hundred and first", async () => {
    const app = anApp();
    app.callbacks.refused.set(elsewhere, "must begin with https://.");
    const refused = await subscribe(app, { callbackUrl: elsewhere });
    expect([refused.status, refused.json]).toMatchObject([400, { error: { param: "callbackUrl" } }]);
    for (let hook = 0; hook < 100; hook += 1)
      expect((await subscribe(app, { callbackUrl: `${callbackUrl}${hook}` })).status).toBe(201);
    expect((await subscribe(app, { callbackUrl })).status).toBe(409);
    expect((await subscribe(app, { callbackUrl: `${callbackUrl}7` })).status).toBe(201);
  });
});

describe("DELETE of a hook's address", () => {
  it("needs no key and is answered alike, whether or not the hook is there", async () => {
    const app = anApp();
    const address = locationOf(await subscribe(app, { callbackUrl }));
    for (let time = 0; time < 2; time += 1) expect((await end(app, address)).status).toBe(204);
    expect(allHooks(app)).toEqual([]);
  });

  it("that is forged is refused as one that never was, with or without a key", async () => {
    const app = anApp();
    const address = locationOf(await subscribe(app, { callbackUrl }));
    const { id } = await keep(app, { status: "running" });
    const forged = [
      address.slice(0, -43) + "A".repeat(43),
      address.slice(0, -44),
      `${hooksPath}/x`,
      `${hooksPath}/${id}`,
      `${hooksPath}/${id}_${"a".repeat(32)}_${"A".repeat(43)}`,
      `${hooksPath}/hook_000000000000_${"a".repeat(32)}_${"A".repeat(43)}`,
    ];
    for (const headers of [anonymous, { "x-caller": caller }]) {
      const answers = await Promise.all(
        forged.map((path) => askConnector(app, "deleteImageHook", { path, headers })),
      );
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(404);
    }
    expect([allHooks(app).length, app.jobs.jobs.get(id)?.status]).toEqual([1, "running"]);
  });
});
