import { describe, expect, it } from "vitest";
import { tagOfId } from "../../../src/domain/job-id.ts";
import { type App, anApp, caller } from "../../support/app.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { FakeClock } from "../../support/fakes.ts";
import { origin } from "../../support/http.ts";

const imageParams = { model: "dall-e-3", prompt: "a cat", n: 2 };

function post(app: App, body: object = imageParams, headers: Record<string, string> = {}) {
  return app.ask("generationsPost", {
    path: "/api/images/generations",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

describe("an accepted generation", () => {
  it("is answered with the job as it was recorded, and where to poll it", async () => {
    const app = anApp();
    const { status, json, headers } = await post(app);
    const { id } = onlyJob(app);
    expect([status, json]).toMatchObject([
      202,
      {
        id,
        kind: "generation",
        status: "queued",
        model: "dall-e-3",
        deployment: "dalle3",
        created_at: "2026-03-04T05:06:07.000Z",
        progress: 0,
        request: { prompt: "a cat", n: 2, size: "1024x1024", quality: "standard", style: "vivid" },
        images: [],
        failures: [],
        links: { self: `${origin}/api/jobs/${id}` },
      },
    ]);
    expect(json).toMatchObject({ links: { result: headers.get("location") } });
    expect([headers.get("retry-after"), headers.get("content-type"), headers.get("cache-control")]).toEqual([
      "2",
      "application/json; charset=utf-8",
      "no-store",
    ]);
  });

  it("leads, by its location alone, to its result", async () => {
    const app = anApp();
    const location = (await post(app)).headers.get("location") ?? "";
    const path = location.slice(origin.length);
    const polled = await app.ask("jobResultGet", { path, headers: { "x-caller": "" } });
    expect([polled.status, polled.json]).toMatchObject([202, { id: onlyJob(app).id }]);
  });

  it("is recorded before it is started: what runs can always be found", async () => {
    const app = anApp();
    await post(app);
    expect(app.diary).toEqual(["create", "start"]);
    expect(app.runner.started).toEqual([onlyJob(app)]);
    expect(Object.values(onlyJob(app))).not.toContain(undefined);
  });

  it("belongs to its caller, carries the caller's tag, and has a deadline", async () => {
    const app = anApp();
    await post(app, { ...imageParams, tags: ["demo"], metadata: { order: "7" } });
    const job = onlyJob(app);
    expect(job).toMatchObject({
      caller,
      deadline: "2026-03-04T05:36:07.000Z",
      tags: ["demo"],
      metadata: { order: "7" },
    });
    expect(tagOfId("job", job.id)).toBe(app.ids.tagOf(caller));
  });

  it("runs where its caller said, or on the first deployment that can do all that is asked", async () => {
    for (const [asked, deployment] of [
      [{ prompt: "a cat", deployment: "image" }, "image"],
      [{ prompt: "a cat" }, "dalle3"],
      [{ prompt: "a cat", size: "256x256" }, "dalle2"],
    ] as const) {
      expect((await post(anApp(), asked)).json).toMatchObject({ deployment });
    }
  });

  it("is logged without its prompt, unless the operator asked for prompts", async () => {
    const prompt = "SECRET-PROMPT";
    expect((await post(anApp(), { ...imageParams, prompt })).log.join("\n")).not.toContain(prompt);
    expect((await post(anApp({ logPrompts: true }), { ...imageParams, prompt })).log.join("\n")).toContain(
      prompt,
    );
  });

  it("stays accepted when it can't be started at once: it is on record, and is started later", async () => {
    const app = anApp();
    app.runner.outage.of("start");
    const { status, json, log } = await post(app);
    expect([status, json]).toMatchObject([202, { id: onlyJob(app).id, status: "queued" }]);
    expect(log.join("\n")).toMatch(/error: .*could not be started/);
  });
});

it("a generation that can't be recorded is not started", async () => {
  const app = anApp();
  app.jobs.outage.of("create");
  const { status, json } = await post(app);
  expect([status, json]).toMatchObject([500, { error: { code: "internal" } }]);
  expect(app.runner.started).toEqual([]);
});

describe("a caller who prefers to wait", () => {
  // Half a second goes by at each look at the clock, so that a wait of one second is over at once.
  const patient = () => anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 499) });
  const wait = { prefer: "wait=1" };

  it("gets the finished job when it ends in time", async () => {
    const app = patient();
    app.runner.start = async (job) => {
      await app.jobs.advance(job.id, "running", {});
      await app.jobs.advance(job.id, "succeeded", { finishedAt: "2026-03-04T05:06:09.000Z" });
    };
    const { status, json, headers } = await post(app, imageParams, wait);
    expect([status, json]).toMatchObject([200, { status: "succeeded", progress: 1 }]);
    expect([headers.get("preference-applied"), headers.get("location")]).toEqual(["wait=1", null]);
  });

  it("gets a failed job as well: it ended, and 200 says no more", async () => {
    const app = patient();
    app.runner.start = async (job) => {
      await app.jobs.advance(job.id, "failed", {});
    };
    expect((await post(app, imageParams, wait)).json).toMatchObject({ status: "failed" });
  });

  it("gets 202 and the address when it doesn't", async () => {
    const { status, headers } = await post(patient(), imageParams, wait);
    expect([status, headers.get("preference-applied")]).toEqual([202, "wait=1"]);
    expect(headers.get("location")).toContain("/result?");
  });

  it("gets 202, never an error, when the job can't be watched: it is accepted, and a second post would pay twice", async () => {
    const app = patient();
    app.jobs.outage.of("read");
    const { status, json } = await post(app, imageParams, wait);
    expect([status, json]).toMatchObject([202, { status: "queued" }]);
  });
});
