import { describe, expect, it } from "vitest";
import type { ConnectorError, CreatedImages, ImageJob, ImageResult } from "../../src/contracts/connector.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { aMask, aPicture, download } from "../support/edits.ts";
import { WorkflowEngine } from "../support/workflow-engine.ts";

const darkroom = useDarkroom();
const engine = new WorkflowEngine(darkroom);
const generations = "/images/generations";
const asked = (path: string, init?: RequestInit) => darkroom.fetch(`/api/connector${path}`, init);

describe("an action", () => {
  it("is posted, polled without credentials, and ends with its images, their files and links", async () => {
    const wish = {
      prompt: "a polled umbrella",
      n: 2,
      modelParameters: { quality: "low" },
      includeContent: true,
    };
    const { status, body, answers } = await engine.act(generations, wish);
    expect([status, answers[0], answers.slice(0, -1).every((answer) => answer === 202)]).toEqual([
      200,
      202,
      true,
    ]);
    const { images } = body as ImageResult;
    expect(images.map(({ index }) => index)).toEqual([0, 1]);
    for (const { url, contentBytes = "" } of images)
      expect(Buffer.from(contentBytes, "base64").equals(await download(url))).toBe(true);
  });

  it.each([
    ["in parts", { prompt: "a mixed lot [[refuse-slots=1]]", deployment: "gpt-image", n: 3 }, 200],
    ["altogether", { prompt: "a refused lot [[refuse]]", deployment: "dalle3", n: 2 }, 422],
    ["at a service that is away", { prompt: "a closed shop [[403]]", deployment: "dalle3" }, 422],
  ])("that fails %s says why, in a status that isn't posted again", async (_how, wish, status) => {
    const outcome = await engine.act(generations, wish);
    expect([outcome.status, outcome.answers.filter((answer) => answer >= 429)]).toEqual([status, []]);
    if (status === 200)
      expect((outcome.body as ImageResult).failures).toMatchObject([{ index: 1, code: "contentFilter" }]);
    else expect((outcome.body as ConnectorError).error.requestId).toMatch(/^[\w-]{8,}$/);
  });

  it("whose answers are lost is posted again, makes one job, and is billed once", async () => {
    const wish = { prompt: "a lost kite", deployment: "gpt-image" };
    const { status, body, answers } = await engine.act(generations, wish, { lostAnswers: 3 });
    expect([status, answers.slice(0, 4)]).toEqual([200, [202, 202, 202, 202]]);
    // Once more, long after the end, from the same run.
    const again = await engine.act(generations, wish, { run: "run-again" });
    const third = await engine.act(generations, wish, { run: "run-again" });
    expect(third.answers).toEqual([200]);
    const idOf = ({ body: result }: { body: unknown }) => (result as ImageResult).jobId;
    expect(idOf(third)).toBe(idOf(again));
    expect(idOf(again)).not.toBe((body as ImageResult).jobId);
    expect(await darkroom.calls("a lost kite")).toHaveLength(2);
    expect((await darkroom.ledger("a lost kite")).totals.images_billed).toBe(2);
  });

  it("that comes from many sockets at once is one job; another turn of its loop is another", async () => {
    const wish = { prompt: "a looped kite", deployment: "gpt-image" };
    const turns = ["1", "1", "1", "2", "2"];
    const outcomes = await Promise.all(
      turns.map((turn) => engine.act(generations, wish, { run: "run-loop", turn })),
    );
    const ids = outcomes.map(({ body }) => (body as ImageResult).jobId);
    expect(new Set(ids).size).toBe(2);
    expect([ids[0] === ids[2], ids[3] === ids[4], ids[0] === ids[3]]).toEqual([true, true, false]);
    expect(await darkroom.calls("a looped kite")).toHaveLength(2);
  });

  it("edits what it brings, and is one job as well when its answer is lost", async () => {
    const [image, mask] = (await Promise.all([aPicture(1), aMask()])).map((bytes) =>
      bytes.toString("base64"),
    );
    const wish = { prompt: "an edited kite", images: [{ name: "kite.png", contentBytes: image }] };
    const { status, body } = await engine.act(
      "/images/edits",
      { ...wish, maskContentBytes: mask },
      { lostAnswers: 1 },
    );
    expect([status, (body as ImageResult).images.length]).toEqual([200, 1]);
    expect(await darkroom.calls("an edited kite")).toHaveLength(1);
  });
});

describe("a job that is submitted", () => {
  it("is not waited for; it is found, read in chunks, linked, and deleted", async () => {
    const wish = { prompt: "a submitted kite", deployment: "gpt-image", tags: ["submitted"] };
    const { status, body, answers } = await engine.act("/jobs", wish);
    expect([status, answers]).toEqual([201, [201]]);
    const { jobId } = body as ImageJob;
    await darkroom.ended(jobId);
    const job = (await (await asked(`/jobs/${jobId}`)).json()) as ImageJob;
    expect([job.status, job.progress]).toEqual(["succeeded", 1]);
    const { value } = (await (await asked("/jobs?tag=submitted")).json()) as { value: ImageJob[] };
    expect(value.map((listed) => listed.jobId)).toEqual([jobId]);

    const [image] = job.images;
    const whole = await download(image?.url);
    const { bytes, parts } = await engine.readInChunks(
      `/images/${image?.imageId ?? ""}/content`,
      Math.ceil(whole.byteLength / 3),
    );
    expect([parts, bytes.equals(whole)]).toEqual([3, true]);

    const linked = await asked(`/images/${image?.imageId ?? ""}/link`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"hours":48}`,
    });
    const { url, expiresOn } = (await linked.json()) as { url: string; expiresOn: string };
    expect((await download(url)).equals(whole)).toBe(true);
    expect(Date.parse(expiresOn)).toBeGreaterThan(Date.now() + 47 * 3_600_000);

    expect((await asked(`/jobs/${jobId}`, { method: "DELETE" })).status).toBe(204);
    expect((await asked(`/images/${image?.imageId ?? ""}/content`)).status).toBe(404);
  });

  it("is canceled, and its polls are told so", async () => {
    const wish = { prompt: "a stopped kite [[latency=6000]]", deployment: "gpt-image" };
    const waiting = engine.act(generations, wish, { run: "run-stopped" });
    const sent = { method: "POST", headers: { "content-type": "application/json" } };
    const { jobId } = await (async () => {
      for (;;) {
        const { value } = (await (await asked("/jobs?limit=1")).json()) as { value: ImageJob[] };
        const found = value.find(({ status }) => status === "running");
        if (found) return found;
      }
    })();
    expect((await asked(`/jobs/${jobId}/cancel`, { ...sent, body: "" })).status).toBe(200);
    expect((await waiting).status).toBe(410);
  });
});

it("a polling trigger tells nothing of the past, then none, one and many, each image once", async () => {
  const filtered = "/api/connector/triggers/images?tag=watched";
  const make = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const wish = { prompt: "a watched kite", deployment: "gpt-image", tags: ["watched"] };
        const { body } = await engine.act(generations, wish);
        return (body as ImageResult).jobId;
      }),
    );
  const idsOf = (body: unknown) => (body as CreatedImages).value.map(({ jobId }) => jobId).sort();
  await make(1);
  const first = await engine.poll(filtered);
  expect([first.status, first.body]).toEqual([202, undefined]);
  const none = await engine.poll(first.next);
  expect(none.status).toBe(202);
  const one = await make(1);
  const told = await engine.poll(none.next);
  expect([told.status, idsOf(told.body)]).toEqual([200, one]);
  expect((await engine.poll(told.next)).status).toBe(202);

  const many = await make(22);
  const page = await engine.poll(told.next);
  expect([page.status, page.retryAfter]).toEqual([200, 0]);
  const rest = await engine.poll(page.next);
  expect([idsOf(page.body).length, idsOf(rest.body).length]).toEqual([20, 2]);
  expect([...idsOf(page.body), ...idsOf(rest.body)].sort()).toEqual(many.sort());
  expect(rest.retryAfter).toBeGreaterThan(0);
  expect((await engine.poll(rest.next)).status).toBe(202);
});

it("a connection is tested by the key as it is and with an accidental prefix, and its choices are offered", async () => {
  const key = darkroom.running.key ?? "";
  for (const headers of [{ "api-key": key }, { "api-key": `Bearer ${key}` }])
    expect((await asked("/connection", { headers })).status).toBe(200);
  const refused = await asked("/connection", { headers: { "api-key": "wrong" } });
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { error: { requestId: expect.any(String) as unknown } },
  ]);
  const { value } = (await (await asked("/deployments")).json()) as { value: { name: string }[] };
  expect(value.length).toBeGreaterThan(1);
  const parameters = await asked(`/deployments/${value[0]?.name ?? ""}/parameters`);
  expect(await parameters.json()).toMatchObject({ schema: { type: "object" } });
});
