import { describe, expect, it } from "vitest";
import { connectorError, imageJob, imageResult } from "../../../src/connector/contracts/schemas.ts";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { type App, anApp } from "../../support/app.ts";
import {
  askConnector,
  anonymous,
  expectShape,
  generations,
  json,
  keepMade,
  locationOf,
  runHeaders,
} from "../../support/connector.ts";
import { aMask, aPhoto } from "../../support/edit-pictures.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { origin } from "../../support/http.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const imageParams = { deployment: "dalle3", prompt: "a cat", n: 2 };
const generate = (app: App, body: object = imageParams, headers: Record<string, string> = {}) =>
  askConnector(app, "generateImage", {
    path: generations,
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });
const submit = (app: App, body: object, headers: Record<string, string> = {}) =>
  askConnector(app, "submitImageJob", {
    path: "/api/connector/jobs",
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });
const edit = (app: App, body: object, headers: Record<string, string> = {}) =>
  askConnector(app, "editImage", {
    path: "/api/connector/images/edits",
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  });

describe("GenerateImage", () => {
  it("answers 202 with the whole job, an absolute signed address of the connector, and whole seconds", async () => {
    const app = anApp();
    const answer = await generate(app);
    expect(answer.status).toBe(202);
    const { jobId } = expectShape(answer.json, imageJob);
    expect(answer.headers.get("location")).toMatch(
      new RegExp(`^${origin}/api/connector/jobs/${jobId}/result\\?expires=\\d+&signature=[\\w-]+$`),
    );
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(app.runner.started.map(({ id }) => id)).toEqual([jobId]);
  });

  it("asks the core for what was asked here, in its own words", async () => {
    const app = anApp();
    const body = {
      deployment: "image",
      prompt: "a cat",
      n: 3,
      size: "1024x1536",
      quality: "low",
      background: "opaque",
      outputFormat: "jpeg",
      outputCompression: 40,
      moderation: "low",
      user: "somebody",
      tags: ["demo"],
      includeContent: false,
    };
    expect((await generate(app, body)).status).toBe(202);
    expect(onlyJob(app)).toMatchObject({
      caller: "key:phone",
      kind: "generation",
      deployment: "image",
      model: "gpt-image-1",
      tags: ["demo"],
      request: {
        prompt: "a cat",
        n: 3,
        size: "1024x1536",
        quality: "low",
        background: "opaque",
        output_format: "jpeg",
        output_compression: 40,
        moderation: "low",
        user: "somebody",
      },
    });
  });

  it("lets a model's own parameters go before the general ones, and passes over what was left empty", async () => {
    const app = anApp();
    const body = {
      ...imageParams,
      size: "1024x1024",
      quality: "",
      style: "",
      modelParameters: { size: "1792x1024", quality: "hd", style: "" },
    };
    expect((await generate(app, body)).status).toBe(202);
    expect(onlyJob(app).request).toMatchObject({ size: "1792x1024", quality: "hd", style: "vivid" });
  });

  it("takes choices in whatever case, and says what it gives back with the job", async () => {
    const app = anApp();
    const body = {
      deployment: "Image",
      prompt: "a cat",
      size: "1024X1536",
      quality: "High",
      modelParameters: { background: "OPAQUE" },
      tags: "a,b",
      metadata: { order: 7 },
    };
    const answer = await generate(app, body);
    expect(expectShape(answer.json, imageJob)).toMatchObject({
      kind: "generation",
      prompt: "a cat",
      tags: ["a", "b"],
      metadata: { order: "7" },
    });
    const request = { size: "1024x1536", quality: "high", background: "opaque" };
    expect(onlyJob(app)).toMatchObject({ deployment: "image", request });
  });

  it("names the field at fault as the author's form does", async () => {
    const answer = await generate(anApp(), { ...imageParams, n: 11 });
    expect(expectShape(answer.json, connectorError).error.message).toBe(
      "Number of Images: n must be an integer from 1 to 10.",
    );
  });

  it("that may go on ends well without an image, and tells why", async () => {
    const app = anApp();
    const { jobId } = (await generate(app, { ...imageParams, onFailure: "continue" }, runHeaders("run-1")))
      .json as { jobId: string };
    await app.jobs.advance(jobId, "failed", { failure: errorInfo("contentFilter", "Refused.") });
    const ended = await generate(app, { ...imageParams, onFailure: "continue" }, runHeaders("run-1"));
    expect([ended.status, expectShape(ended.json, imageResult)]).toMatchObject([
      200,
      { status: "failed", images: [], error: { code: "contentFilter", message: "Refused." } },
    ]);
    const failing = { ...imageParams, deployment: "image" };
    const other = (await generate(app, failing, runHeaders("run-2"))).json as { jobId: string };
    await app.jobs.advance(other.jobId, "failed", { failure: errorInfo("contentFilter", "Refused.") });
    const failed = await generate(app, failing, runHeaders("run-2"));
    expect([failed.status, expectShape(failed.json, connectorError).error.jobId]).toEqual([422, other.jobId]);
  });

  it.each([
    [{ n: 1 }, "prompt", "prompt is required."],
    [{ ...imageParams, x: 1 }, "x", "x is not a known field."],
    [{ ...imageParams, n: 11 }, "n", "n must be an integer from 1 to 10."],
    [{ ...imageParams, size: "1x1" }, "size", 'size "1x1" is not a size of dall-e-3'],
    [{ ...imageParams, outputFormat: "png" }, "outputFormat", "outputFormat is not a parameter of dall-e-3"],
    [
      { ...imageParams, deployment: "image", outputCompression: 10 },
      "outputCompression",
      "outputCompression below 100 needs outputFormat jpeg or webp",
    ],
    [
      { ...imageParams, modelParameters: { inputFidelity: "high" } },
      "modelParameters.inputFidelity",
      "is for edits",
    ],
    [{ ...imageParams, deployment: "other" }, "deployment", "deployment is not one that is deployed here"],
  ])("answers 400 in the connector's own envelope and words to %j", async (body, param, message) => {
    const app = anApp();
    const answer = await generate(app, body);
    expect(answer.status).toBe(400);
    const { error } = expectShape(answer.json, connectorError);
    expect(error).toMatchObject({ code: "invalidRequest", param, retryable: false, requestId: "request-1" });
    expect(error.message).toContain(message);
    expect(app.jobs.jobs.size).toBe(0);
  });

  it.each([
    [401, { ...json, ...anonymous }, "{}"],
    [413, { ...json, "content-length": "999999999" }, "{}"],
    [415, { "content-type": "text/plain" }, "{}"],
  ])("answers %i in that envelope, too", async (status, headers, body) => {
    const answer = await askConnector(anApp(), "generateImage", { path: generations, headers, body });
    expect(answer.status).toBe(status);
    expectShape(answer.json, connectorError);
  });

  it("says that it failed here, in that envelope", async () => {
    const app = anApp();
    app.jobs.outage.of("create");
    const answer = await generate(app);
    expect(answer.status).toBe(500);
    expect(expectShape(answer.json, connectorError).error).toMatchObject({
      code: "internal",
      retryable: true,
    });
  });
});

describe("an action that is sent again by the same turn of the same run", () => {
  it("gets the job of its first sending, which alone is started", async () => {
    const app = anApp();
    const answers = [];
    for (let sending = 0; sending < 3; sending += 1)
      answers.push(await generate(app, imageParams, runHeaders("run-1")));
    const ids = answers.map(({ json: body }) => (body as { jobId: string }).jobId);
    expect(new Set(ids).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(answers.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true", "true"]);
    expect(app.runner.started).toHaveLength(1);
  });

  it("gets its end once that is there: 200, or what polls would be told", async () => {
    const app = anApp();
    const { jobId } = (await generate(app, imageParams, runHeaders("run-1"))).json as { jobId: string };
    await app.jobs.advance(jobId, "running", {});
    app.jobs.arrange(jobId, { call: 0, inDoubt: [], duplicates: [] }, [storedSlot(0), failedSlot(1)]);
    await app.jobs.advance(jobId, "succeeded", { finishedAt: "2026-03-04T05:06:08.000Z" });
    const again = await generate(app, imageParams, runHeaders("run-1"));
    expect(again.status).toBe(200);
    expect(expectShape(again.json, imageResult)).toMatchObject({
      images: [{ index: 0 }],
      failures: [{ index: 1 }],
    });
    expect(again.headers.get("location")).toBeNull();

    const other = (await generate(app, imageParams, runHeaders("run-2"))).json as { jobId: string };
    await app.jobs.advance(other.jobId, "failed", { failure: errorInfo("upstreamUnavailable", "Away.") });
    expect((await generate(app, imageParams, runHeaders("run-2"))).status).toBe(422);
  });

  it.each([
    ["another run", imageParams, runHeaders("run-2")],
    ["another action", imageParams, runHeaders("run-1", "Another_image")],
    ["another turn of its loop", imageParams, runHeaders("run-1", "Generate_image", "turn-2")],
    [
      "another prompt, though the headers are the same",
      { ...imageParams, prompt: "a dog" },
      runHeaders("run-1"),
    ],
    ["no headers of a run", imageParams, {}],
    ["a key of its own", imageParams, { ...runHeaders("run-1"), "idempotency-key": "mine" }],
  ])("is none with %s", async (_name, body, headers) => {
    const app = anApp();
    await generate(app, imageParams, runHeaders("run-1"));
    expect((await generate(app, body, headers)).status).toBe(202);
    expect(app.runner.started).toHaveLength(2);
  });

  it("is known by its author's key as well, over runs; an empty key is none", async () => {
    const app = anApp();
    const keyed = (run: string, key: string) =>
      generate(app, imageParams, { ...runHeaders(run), "idempotency-key": key });
    await keyed("run-1", "mine");
    await keyed("run-2", "mine");
    expect(app.runner.started).toHaveLength(1);
    await keyed("run-3", "");
    await keyed("run-3", "");
    expect(app.runner.started).toHaveLength(2);
    const other = await generate(app, { ...imageParams, n: 1 }, { "idempotency-key": "mine" });
    expect([other.status, other.json]).toMatchObject([422, { error: { code: "idempotencyMismatch" } }]);
  });

  it("is another caller's own, whatever the headers say", async () => {
    const app = anApp();
    await generate(app, imageParams, runHeaders("run-1"));
    await generate(app, imageParams, { ...runHeaders("run-1"), "x-caller": "key:other" });
    expect(app.runner.started).toHaveLength(2);
  });
});

describe("SubmitImageJob", () => {
  it("answers 201 without an address to poll, or the engine would wait", async () => {
    const app = anApp();
    const answer = await submit(app, imageParams, runHeaders("run-1"));
    expect([answer.status, answer.headers.get("location")]).toEqual([201, null]);
    expect(expectShape(answer.json, imageJob).status).toBe("queued");
    await submit(app, imageParams, runHeaders("run-1"));
    expect(app.runner.started).toHaveLength(1);
  });

  it("edits what it is given images of", async () => {
    const app = anApp();
    const images = [{ contentBytes: Buffer.from(await aPhoto()).toString("base64") }];
    expect((await submit(app, { prompt: "a hat", images })).status).toBe(201);
    expect(onlyJob(app)).toMatchObject({ kind: "edit", inputs: { images: [{ contentType: "image/png" }] } });
  });

  it.each([
    [{ ...imageParams, maskInvert: true }, "maskInvert"],
    [{ ...imageParams, images: [{ contentBytes: "AAAA" }], style: "vivid" }, "style"],
    [{ ...imageParams, images: [{ contentBytes: "AAAA", url: "https://x.example/" }] }, "images.0"],
  ])("refuses what doesn't go together: %j", async (body, param) => {
    const { status, json: refusal } = await submit(anApp(), body);
    expect([status, refusal]).toMatchObject([400, { error: { param } }]);
  });
});

describe("EditImage", () => {
  it("takes pictures and mask as content, and is polled like any other", async () => {
    const app = anApp();
    const [image, mask] = (await Promise.all([aPhoto(), aMask()])).map((bytes) =>
      Buffer.from(bytes).toString("base64"),
    );
    const body = {
      prompt: "a hat",
      images: [{ name: "a.jpg", contentBytes: image }],
      maskContentBytes: mask,
    };
    const answer = await edit(app, { ...body, maskMode: "resize" }, runHeaders("run-1"));
    expect(answer.status).toBe(202);
    expectShape(answer.json, imageJob);
    expect(onlyJob(app)).toMatchObject({
      kind: "edit",
      model: "gpt-image-1",
      request: { mask_mode: "resize" },
    });
    expect(onlyJob(app).inputs?.mask).toBeDefined();
    const poll = await askConnector(app, "getImageJobResult", {
      path: locationOf(answer),
      headers: anonymous,
    });
    expect(poll.status).toBe(202);
    await edit(app, { ...body, maskMode: "resize" }, runHeaders("run-1"));
    expect(app.runner.started).toHaveLength(1);
  });

  it.each([
    [{ contentBytes: "!" }, "images.0.contentBytes"],
    [{ contentBytes: "AAAA" }, "images.0.contentBytes"],
  ])("names the picture at fault in its own words, and keeps nothing of it: %j", async (image, param) => {
    const app = anApp();
    const { json: refusal } = await edit(app, { prompt: "a hat", images: [image] });
    const { error } = expectShape(refusal, connectorError);
    expect(error.param).toBe(param);
    expect(error.message).not.toContain("b64_json");
    expect([app.jobs.jobs.size, app.uploads.blobs.size]).toEqual([0, 0]);
  });

  it("keeps nothing of the pictures before the one at fault", async () => {
    const app = anApp();
    const contentBytes = Buffer.from(await aPhoto()).toString("base64");
    const { status } = await edit(app, {
      prompt: "a hat",
      images: [{ contentBytes }, { contentBytes: "!" }],
    });
    expect([status, app.uploads.blobs.size]).toEqual([400, 0]);
  });

  it("that is sent twice at once keeps the inputs of one job", async () => {
    const app = anApp();
    const contentBytes = Buffer.from(await aPhoto()).toString("base64");
    const sent = () => edit(app, { prompt: "a hat", images: [{ contentBytes }] }, runHeaders("run-1"));
    const answers = await Promise.all([sent(), sent()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const { id } = onlyJob(app);
    expect([...app.uploads.blobs.keys()].every((name) => name.includes(id))).toBe(true);
    expect(app.runner.started).toHaveLength(1);
  });

  it("that is sent again gets its job, though the address of its picture is gone", async () => {
    const app = anApp();
    const url = "https://pictures.example/a.png";
    app.fetcher.pictures.set(url, await aPhoto());
    const body = { prompt: "a hat", images: [{ url }] };
    const first = await edit(app, body, runHeaders("run-1"));
    app.fetcher.pictures.clear();
    const second = await edit(app, body, runHeaders("run-1"));
    expect([second.status, second.json]).toEqual([202, first.json]);
  });

  it("names the mask at fault in its own words", async () => {
    const contentBytes = Buffer.from(await aPhoto()).toString("base64");
    const body = { prompt: "a hat", images: [{ contentBytes }], maskContentBytes: "!" };
    const { json: refusal } = await edit(anApp(), body);
    expect(refusal).toMatchObject({ error: { param: "maskContentBytes" } });
    expect(JSON.stringify(refusal)).not.toMatch(/b64_json|mask /);
  });
});

describe("an image that was made here", () => {
  it("is edited, and is a mask, by its ID", async () => {
    const app = anApp();
    const picture = await aPhoto();
    const mask = await aMask();
    const { id } = await keepMade(app, { caller: "key:phone" }, ["one", "two"]);
    const { slots } = await app.jobs.readProgress(id);
    for (const slot of slots) {
      if (slot.state !== "stored") throw new Error("It is not stored.");
      await app.images.remove(slot.blob);
      await app.images.put(slot.blob, slot.index === 0 ? picture : mask, { contentType: "image/png" });
    }
    const body = {
      prompt: "a dog",
      imageId: `${id}.0`,
      images: [{ imageId: `${id}.0` }],
      maskImageId: `${id}.1`,
    };
    expect((await edit(app, body)).status).toBe(202);
    const made = [...app.jobs.jobs.values()].find(({ kind }) => kind === "edit");
    expect([made?.inputs?.images.length, made?.inputs?.mask !== undefined]).toEqual([2, true]);
  });

  it.each([
    ["somebody else's", "key:tablet"],
    ["one that is gone", "key:phone"],
  ])("is refused by the field's name when it is %s", async (_which, caller) => {
    const app = anApp();
    const { id } = await keepMade(app, { caller });
    app.images.blobs.clear();
    const answer = await edit(app, { prompt: "a dog", images: [{ imageId: `${id}.0` }] });
    expect([answer.status, expectShape(answer.json, connectorError).error]).toMatchObject([
      400,
      {
        param: "images.0.imageId",
        message: "Images 1 ID: images.0.imageId names no image of yours that is still here.",
      },
    ]);
  });
});

describe("a file that is too large for an action", () => {
  it("is refused in an author's words: how large it may be, and what to do instead", async () => {
    const answer = await askConnector(anApp(), "editImage", {
      path: "/api/connector/images/edits",
      headers: { ...json, "content-length": "43000000" },
      body: "{}",
    });
    expect(answer.status).toBe(413);
    expect(expectShape(answer.json, connectorError).error.message).toBe(
      "All fields of this action together may have 32 MB, which are 24 MB of files. Give larger files by their address, in the URL of an image, or by Image ID.",
    );
  });
});
