import { describe, expect, it } from "vitest";
import { connectorError, createdImages } from "../../../src/connector/contracts/schemas.ts";
import { type App, anApp, keep } from "../../support/app.ts";
import { askConnector, anonymous, expectShape, keepMade, locationOf } from "../../support/connector.ts";
import type { Answer } from "../../support/http.ts";

const trigger = "/api/connector/triggers/images";
const poll = (app: App, path = trigger, headers: Record<string, string> = {}) =>
  askConnector(app, "whenImagesAreCreated", { path, headers });
const jobsIn = (answer: Answer) => [
  ...new Set(expectShape(answer.json, createdImages).value.map(({ jobId }) => jobId)),
];

/** Some time later, a job ends. */
async function oneEnds(app: App, change: Parameters<typeof keepMade>[1] = {}, contents?: string[]) {
  app.clock.pass(1_000);
  return keepMade(app, change, contents);
}

describe("a polling trigger", () => {
  it("begins with what is yet to come: its first poll tells nothing of the past", async () => {
    const app = anApp();
    await keepMade(app);
    app.clock.pass(1);
    const first = await poll(app);
    expect([first.status, first.text]).toEqual([202, ""]);
    expect(first.headers.get("location")).toMatch(
      /^https:\/\/darkroom\.example\/api\/connector\/triggers\/images\?state=/,
    );
    expect(first.headers.get("retry-after")).toBe("15");
    const second = await poll(app, locationOf(first));
    expect(second.status).toBe(202);
  });

  it("tells each image once, by the address of the poll before", async () => {
    const app = anApp();
    const first = await poll(app);
    const price = { currency: "USD", perImage: 40_000 };
    const made = await oneEnds(app, { price }, ["one", "two"]);
    const second = await poll(app, locationOf(first));
    expect([second.status, second.headers.get("retry-after")]).toEqual([200, "15"]);
    expect(expectShape(second.json, createdImages).value).toMatchObject([
      { jobId: made.id, imageId: `${made.id}.0`, index: 0, model: "dall-e-3", cost: { actual: 0.08 } },
      { jobId: made.id, imageId: `${made.id}.1`, index: 1 },
    ]);
    const third = await poll(app, locationOf(second));
    expect(third.status).toBe(202);
    const next = await oneEnds(app);
    expect(jobsIn(await poll(app, locationOf(third)))).toEqual([next.id]);
    // A poll whose answer was lost is sent again, with the same address.
    expect(jobsIn(await poll(app, locationOf(first)))).toEqual([made.id, next.id]);
  });

  it("tells many in turns, in the order in which they ended, and asks to be polled at once while more wait", async () => {
    const app = anApp();
    let answer = await poll(app);
    const ids: string[] = [];
    for (let index = 0; index < 45; index += 1) ids.push((await oneEnds(app)).id);
    const pages: string[][] = [];
    const waits: (string | null)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      answer = await poll(app, locationOf(answer));
      pages.push(jobsIn(answer));
      waits.push(answer.headers.get("retry-after"));
    }
    expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(pages.flat()).toEqual(ids);
    expect(waits).toEqual(["0", "0", "15"]);
    expect((await poll(app, locationOf(answer))).status).toBe(202);
  });

  it("tells of a job that waited long for its turn, after it had waited long for its inputs", async () => {
    const app = anApp();
    const createdAt = new Date(app.clock.ms - (24 * 60 + 105) * 60_000).toISOString();
    const { id } = await keep(app, { status: "running", createdAt });
    const first = await poll(app);
    app.jobs.removeJob(id);
    await oneEnds(app, { id, createdAt });
    expect(jobsIn(await poll(app, locationOf(first)))).toEqual([id]);
  });

  it("tells of a long job when it ends, and not of what failed, was canceled, or is another's", async () => {
    const app = anApp();
    const { id, createdAt } = await keep(app, { status: "running", createdAt: "2026-03-03T06:00:00.000Z" });
    const first = await poll(app);
    await oneEnds(app, { status: "failed" });
    await oneEnds(app, { status: "canceled" });
    await oneEnds(app, { caller: "key:other" });
    const second = await poll(app, locationOf(first));
    expect(second.status).toBe(202);
    app.jobs.removeJob(id);
    await oneEnds(app, { id, createdAt });
    expect(jobsIn(await poll(app, locationOf(second)))).toEqual([id]);
  });

  it("keeps to its model and tag", async () => {
    const app = anApp();
    const first = await poll(app, `${trigger}?tag=demo&model=dall-e-3`);
    await oneEnds(app);
    const wanted = await oneEnds(app, { tags: ["demo"] });
    await oneEnds(app, { tags: ["demo"], model: "gpt-image-1" });
    expect(jobsIn(await poll(app, locationOf(first)))).toEqual([wanted.id]);
  });

  it.each([
    ["altered", (state: string) => `A${state}`],
    ["of other filters", (state: string) => `${state}&tag=demo`],
    ["none of ours", () => "2026-01-01"],
  ])("begins anew from a state that is %s, and says so in the log", async (_how, change) => {
    const app = anApp();
    const state = new URL((await poll(app)).headers.get("location") ?? "").searchParams.get("state") ?? "";
    await oneEnds(app);
    const answer = await poll(app, `${trigger}?state=${change(state)}`);
    expect(answer.status).toBe(202);
    expect(answer.log.join("\n")).toContain("warn");
    await oneEnds(app, { tags: ["demo"] });
    expect((await poll(app, locationOf(answer))).status).toBe(200);
  });

  it("is another caller's own: a state opens nothing of the one who it was given to", async () => {
    const app = anApp();
    const first = await poll(app);
    await oneEnds(app);
    const foreign = await poll(app, locationOf(first), { "x-caller": "key:other" });
    expect([foreign.status, foreign.log.join()]).toEqual([
      202,
      expect.stringContaining("begins anew") as unknown,
    ]);
    const refused = await poll(app, locationOf(first), anonymous);
    expect([refused.status, expectShape(refused.json, connectorError).error.code]).toEqual([
      401,
      "unauthorized",
    ]);
  });

  it("says nothing of a job that was deleted before it was told", async () => {
    const app = anApp();
    const first = await poll(app);
    const { id } = await oneEnds(app);
    const read = app.jobs.read.bind(app.jobs);
    app.jobs.read = async (jobId) => (jobId === id ? undefined : read(jobId));
    expect((await poll(app, locationOf(first))).status).toBe(202);
  });
});
