import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode, errorCodes, errorInfo } from "../../src/domain/app-error.ts";
import { type App, anApp, caller, keep } from "../support/app.ts";
import { FakeClock } from "../support/fakes.ts";
import { type Sent, send } from "../support/http.ts";
import { aMask, aPhoto } from "../support/edit-pictures.ts";
import { aForm, asJson, edits, onlyJob, uploaded } from "../support/edit-requests.ts";
import { failedSlot, storedSlot } from "../support/slots.ts";
import { brokenPromises, misfits } from "../support/schemas.ts";

/** What handlers really answer, held against what the document promises. */

type Name = keyof App["endpoints"];
const json = { "content-type": "application/json" };
const generations = "/api/images/generations";
const anonymous = { "x-caller": "" };
const good = JSON.stringify({
  model: "dall-e-3",
  prompt: "a cat",
  n: 2,
  tags: ["demo"],
  metadata: { a: "b" },
});

async function promised(app: App, name: Name, sent: Sent): Promise<number> {
  const answer = await app.ask(name, sent);
  expect([answer.status, brokenPromises(app.endpoints[name], answer)]).toEqual([answer.status, []]);
  return answer.status;
}

describe("POST /api/images/generations", () => {
  it.each<[number, Sent]>([
    [202, { path: generations, headers: json, body: good }],
    [400, { path: generations, headers: json, body: "{" }],
    [400, { path: generations, headers: json, body: `{"prompt": "", "n": 0, "size": "1", "x": 1}` }],
    [400, { path: generations, headers: json, body: `{"prompt": "a cat", "size": "1x1", "quality": "odd"}` }],
    [401, { path: generations, headers: { ...json, ...anonymous }, body: good }],
    [413, { path: generations, headers: { ...json, "content-length": "999999999" }, body: good }],
    [415, { path: generations, headers: { "content-type": "text/plain" }, body: good }],
  ])("answers %i as promised", async (status, sent) => {
    expect(await promised(anApp(), "generationsPost", sent)).toBe(status);
  });

  it("answers 200 as promised to a caller who waited", async () => {
    const app = anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 499) });
    app.runner.start = async (job) => {
      await app.jobs.advance(job.id, "running", { startedAt: job.createdAt });
      app.jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, [
        storedSlot(0, true),
        failedSlot(1),
      ]);
      await app.jobs.advance(job.id, "succeeded", { finishedAt: job.createdAt, repeatedCalls: 1 });
    };
    const sent = { path: generations, headers: { ...json, prefer: "wait=1" }, body: good };
    expect(await promised(app, "generationsPost", sent)).toBe(200);
  });
});

describe("shares", () => {
  it("are made, listed, opened and revoked as promised", async () => {
    const app = anApp();
    const job = await keep(app, { status: "succeeded" }, [storedSlot(0)]);
    await app.images.put("blobs/0.png", await aPhoto(), { contentType: "image/png" });
    const path = `/api/jobs/${job.id}/shares`;
    expect(await promised(app, "jobSharesPost", { path, headers: json, body: "{}" })).toBe(201);
    expect(await promised(app, "jobSharesPost", { path, headers: json, body: `{"index": 10}` })).toBe(400);
    expect(await promised(app, "jobSharesPost", { path, headers: json, body: `{"index": 7}` })).toBe(404);
    expect(await promised(app, "jobSharesList", { path })).toBe(200);
    const [share] = app.shares.shares;
    if (!share) throw new Error("Nothing is shared.");
    const shared = `/shared/${job.id}/0?share=${share.id}&signature=${app.shareSigner.sign(share)}`;
    expect((await app.ask("sharedImageGet", { path: shared })).status).toBe(200);
    expect(await promised(app, "sharedImageGet", { path: `${shared}x` })).toBe(401);
    expect(await promised(app, "jobShareDelete", { path: `${path}/${share.id}` })).toBe(204);
    expect(await promised(app, "sharedImageGet", { path: shared })).toBe(410);
  });
});

describe("POST /api/images/edits", () => {
  it("answers 202 as promised, to a form and to JSON", async () => {
    const [image, mask] = await Promise.all([aPhoto(), aMask()]);
    expect(await promised(anApp(), "editsPost", await aForm({ prompt: "a hat", image, mask }))).toBe(202);
    const app = anApp();
    const body = { prompt: "a hat", images: [uploaded(app, image)], mask: uploaded(app, mask) };
    expect(await promised(app, "editsPost", asJson(body))).toBe(202);
    await app.jobs.advance(onlyJob(app).id, "running", {});
    expect(await promised(app, "jobsGet", { path: `/api/jobs/${onlyJob(app).id}` })).toBe(200);
  });

  it.each<[number, () => Promise<Sent> | Sent]>([
    [400, async () => aForm({ prompt: "a hat" })],
    [400, () => asJson({ prompt: "", images: [{}], mask: { b64: "" }, n: 0 })],
    [401, () => ({ ...asJson({}), headers: { ...json, ...anonymous } })],
    [413, () => ({ path: edits, headers: { ...json, "content-length": "999999999" }, body: "{}" })],
    [415, () => ({ path: edits, headers: { "content-type": "text/plain" }, body: "a hat" })],
    [415, async () => aForm({ prompt: "a hat", image: Buffer.from("<html>no picture</html>") })],
  ])("answers %i as promised", async (status, sent) => {
    expect(await promised(anApp(), "editsPost", await sent())).toBe(status);
  });

  it("answers 409 as promised when an upload goes while it is read", async () => {
    const app = anApp();
    const images = [uploaded(app, await aPhoto())];
    app.uploads.beforeRead = (path) => void app.uploads.blobs.delete(path);
    expect(await promised(app, "editsPost", asJson({ prompt: "a hat", images }))).toBe(409);
  });
});

describe("POST /api/uploads", () => {
  const path = "/api/uploads";

  it.each<[number, Sent]>([
    [201, asJson({}, path)],
    [201, asJson({ expects: ["image", "mask"], on_complete: { prompt: "a hat" } }, path)],
    [400, asJson({ expects: ["video"], on_complete: {} }, path)],
    [400, asJson({ on_complete: { prompt: "a hat", model: "dall-e-3" } }, path)],
    [401, { ...asJson({}, path), headers: { ...json, ...anonymous } }],
    [413, { path, headers: { ...json, "content-length": "999999999" }, body: "{}" }],
    [415, { path, headers: { "content-type": "text/plain" }, body: "a hat" }],
  ])("answers %i as promised", async (status, sent) => {
    expect(await promised(anApp(), "uploadsPost", sent)).toBe(status);
  });
});

describe("GET /api/uploads/{id}", () => {
  it("answers as promised: what has arrived, and nothing of another caller's", async () => {
    const app = anApp();
    const { upload_id: id } = uploaded(app, await aPhoto());
    const path = `/api/uploads/${id}`;
    expect(await promised(app, "uploadsGet", { path })).toBe(200);
    const another = `${path.slice(0, -1)}${path.endsWith("x") ? "y" : "x"}`;
    expect(await promised(app, "uploadsGet", { path: another })).toBe(404);
    expect(await promised(app, "uploadsGet", { path, headers: { "x-caller": "key:other" } })).toBe(404);
    expect(await promised(app, "uploadsGet", { path, headers: anonymous })).toBe(401);
  });
});

describe("jobs", () => {
  const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
  const ends = { startedAt: "2026-03-04T05:06:08.123Z", finishedAt: "2026-03-04T05:06:09.456Z", usage };
  const failure = errorInfo("contentFilter", "Refused.");

  it.each([
    [{ status: "queued" }, 200, 202],
    [{ status: "running", startedAt: ends.startedAt }, 200, 202],
    [{ status: "succeeded", ...ends }, 200, 200],
    [{ status: "failed", ...ends, failure }, 200, 422],
    [{ status: "failed" }, 200, 422],
    [{ status: "failed", kind: "edit", model: "", deployment: "", failure }, 200, 422],
    [{ status: "canceled", ...ends }, 200, 410],
  ] as const)("that are %j are shown as promised", async (change, shown, polled) => {
    const app = anApp();
    const { id } = await keep(app, change, [storedSlot(0, true), failedSlot(1)]);
    expect(await promised(app, "jobsGet", { path: `/api/jobs/${id}` })).toBe(shown);
    expect(await promised(app, "jobResultGet", { path: `/api/jobs/${id}/result` })).toBe(polled);
  });

  it.each<[Name, string]>([
    ["jobsGet", "/api/jobs/job_x"],
    ["jobsDelete", "/api/jobs/job_x"],
    ["jobResultGet", "/api/jobs/job_x/result"],
    ["jobImageGet", "/api/jobs/job_x/images/0"],
  ])("that aren't there or aren't yours are refused by %s as promised", async (name, path) => {
    expect(await promised(anApp(), name, { path })).toBe(404);
    expect(await promised(anApp(), name, { path, headers: anonymous })).toBe(401);
  });

  it("are listed as promised, page by page", async () => {
    const app = anApp();
    await keep(app, { status: "succeeded", ...ends }, [storedSlot(0, true)]);
    await keep(app, {});
    for (const query of ["", "?limit=1"])
      expect(await promised(app, "jobsList", { path: `/api/jobs${query}` })).toBe(200);
    expect(await promised(app, "jobsList", { path: "/api/jobs?cursor=x" })).toBe(400);
    expect(await promised(app, "jobsList", { path: "/api/jobs?limit=0&x=1" })).toBe(400);
    expect(await promised(app, "jobsList", { path: "/api/jobs", headers: anonymous })).toBe(401);
  });

  it.each([
    ["succeeded", 204],
    ["running", 409],
  ] as const)("that are %s are deleted, or not, as promised", async (status, answer) => {
    const app = anApp();
    const { id } = await keep(app, { status });
    expect(await promised(app, "jobsDelete", { path: `/api/jobs/${id}` })).toBe(answer);
  });

  it("have images that are led to as promised", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "succeeded" }, [storedSlot(0, true)]);
    const path = `/api/jobs/${id}/images/0`;
    expect(await promised(app, "jobImageGet", { path })).toBe(302);
    expect(await promised(app, "jobImageGet", { path: `${path}?thumbnail=256` })).toBe(302);
    expect(await promised(app, "jobImageGet", { path: `${path}?thumbnail=1` })).toBe(400);
  });
});

it("models are listed as promised, described or not", async () => {
  const app = anApp();
  expect(await promised(app, "modelsGet", { path: "/api/models" })).toBe(200);
  expect(await promised(app, "modelsGet", { path: "/api/models", headers: anonymous })).toBe(401);
  const odd = anApp({ offered: [{ name: "flux", model: "flux-2", kind: "openai" }] });
  expect(await promised(odd, "modelsGet", { path: "/api/models" })).toBe(200);
});

it("health is told as promised, well and ill", async () => {
  const app = anApp();
  expect(await promised(app, "healthGet", { path: "/api/health" })).toBe(200);
  const ill = anApp();
  ill.jobs.outage.of("ping");
  expect(await promised(ill, "healthGet", { path: "/api/health" })).toBe(503);
});

it("the page and the document are served as promised", async () => {
  expect(await promised(anApp(), "pageGet", { path: "/" })).toBe(200);
  expect(await promised(anApp(), "assetsGet", { path: "/assets/page.js" })).toBe(200);
  for (const name of ["page.css", "index.html", "..%2Findex.cjs"])
    expect(await promised(anApp(), "assetsGet", { path: `/assets/${name}` })).toBe(404);
  expect(await promised(anApp(), "openapiGet", { path: "/openapi.json" })).toBe(200);
  const definition = { path: "/connector.swagger.json" };
  expect(await promised(anApp(), "connectorSwaggerGet", definition)).toBe(200);
  expect(await promised(anApp(), "connectorSwaggerOptions", definition)).toBe(204);
});

describe("an error", () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])(
    "by %s has a status and fits the envelope",
    async (code) => {
      const { modelsGet } = anApp().endpoints;
      const failing = {
        ...modelsGet,
        handle: () => {
          throw new AppError(code, "Why.");
        },
      };
      const { status, json: body } = await send(failing, {
        path: "/api/models",
        headers: { "x-caller": caller },
      });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(misfits(body, "components", "schemas", "Error")).toEqual([]);
    },
  );

  it.each<[Name, string]>([
    ["generationsPost", generations],
    ["editsPost", edits],
    ["uploadsPost", "/api/uploads"],
    ["jobsGet", "/api/jobs/ID"],
    ["jobsList", "/api/jobs"],
    ["jobsDelete", "/api/jobs/ID"],
    ["jobResultGet", "/api/jobs/ID/result"],
    ["jobImageGet", "/api/jobs/ID/images/0"],
  ])("of ours in %s is promised, and fits the envelope", async (name, path) => {
    const app = anApp();
    const { id } = await keep(app, {});
    app.jobs.outage.of("read", "create", "list");
    const imageParams = { prompt: "a hat" };
    const bodies: Partial<Record<Name, string>> = {
      generationsPost: good,
      editsPost: JSON.stringify({ ...imageParams, images: [uploaded(app, await aPhoto())] }),
      uploadsPost: JSON.stringify({ on_complete: imageParams }),
    };
    const { [name]: body } = bodies;
    const sent = { path: path.replace("ID", id), headers: json };
    const answer = await app.ask(name, body === undefined ? sent : { ...sent, body });
    expect([answer.status, brokenPromises(app.endpoints[name], answer)]).toEqual([500, []]);
  });

  it.each<[Name, string]>([
    ["generationsPost", generations],
    ["editsPost", edits],
  ])("of %s fits the envelope whatever JSON was sent", async (name, path) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: "binary", maxDepth: 3 }), async (value) => {
        const sent = { path, headers: json, body: JSON.stringify(value) };
        expect(await promised(anApp(), name, sent)).toBe(400);
      }),
      { numRuns: 100 },
    );
  });

  it("of an edit fits the envelope whatever its images and mask are", async () => {
    const app = anApp();
    const known = uploaded(app, await aPhoto());
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constant(known),
      fc.constant({ b64_json: "AAAA" }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { maxLength: 3 }), odd, async (images, mask) => {
        const sent = asJson({ prompt: "a hat", images, mask });
        expect([202, 400, 415]).toContain(await promised(app, "editsPost", sent));
      }),
      { numRuns: 100 },
    );
  });
});
