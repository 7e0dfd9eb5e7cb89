import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { type App, anApp, keep } from "../../support/app.ts";
import { origin } from "../../support/http.ts";
import { aJob } from "../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const anonymous = { "x-caller": "" };
const poll = (app: App, id: string, query = "", headers = {}) =>
  app.ask("jobResultGet", { path: `/api/jobs/${id}/result${query}`, headers });

function signedQuery(app: App, id: string): string {
  const { expires, signature } = app.signer.sign(id);
  return `?expires=${expires}&signature=${signature}`;
}

describe("polling a job", () => {
  it.each(["queued", "running"] as const)(
    "that is %s is answered 202, with where and when to ask again",
    async (status) => {
      const app = anApp();
      const { id } = await keep(app, { status });
      const answer = await poll(app, id);
      expect([answer.status, answer.json]).toMatchObject([202, { id, status }]);
      expect(answer.headers.get("location")).toMatch(new RegExp(`^${origin}/api/jobs/${id}/result\\?`));
      expect(answer.headers.get("retry-after")).toBe("2");
    },
  );

  it("that succeeded is answered 200 with the job, and nowhere else to go", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "succeeded" }, [storedSlot(0), failedSlot(1)]);
    const { status, json, headers } = await poll(app, id);
    expect([status, json]).toMatchObject([200, { id, images: [{ index: 0 }], failures: [{ index: 1 }] }]);
    expect([headers.get("location"), headers.get("retry-after")]).toEqual([null, null]);
  });

  it.each(["contentFilter", "throttled", "upstreamUnavailable", "internal"] as const)(
    "that failed by %s is answered 422: a status that would make such a client post again isn't used",
    async (code) => {
      const app = anApp();
      const { id } = await keep(app, { status: "failed", failure: errorInfo(code, "Why.") }, [
        failedSlot(0, code),
      ]);
      const { status, json, headers } = await poll(app, id);
      expect([status, json]).toMatchObject([
        422,
        { error: { code, message: "Why.", request_id: "request-1" }, job: { id, status: "failed" } },
      ]);
      expect(headers.get("retry-after")).toBeNull();
    },
  );

  it("that failed without a recorded reason says so", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "failed" });
    expect((await poll(app, id)).json).toMatchObject({ error: { code: "internal" } });
  });

  it("that was canceled is answered 410", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "canceled" });
    expect(await poll(app, id)).toMatchObject({
      status: 410,
      json: { error: { code: "expired" }, job: { id } },
    });
  });
});

describe("a signed address", () => {
  it("opens its job's result without credentials", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "succeeded" }, [storedSlot(0)]);
    expect(await poll(app, id, signedQuery(app, id), anonymous)).toMatchObject({ status: 200, json: { id } });
  });

  it.each([
    [
      "changed by one character",
      (query: string) =>
        query.replace(/signature=./, (s) => (s.endsWith("A") ? "signature=B" : "signature=A")),
    ],
    ["cut short", (query: string) => query.slice(0, -1)],
    ["made longer", (query: string) => `${query}A`],
    [
      "given more time",
      (query: string) => query.replace(/expires=(\d+)/, (_all, at: string) => `expires=${Number(at) + 1}`),
    ],
    ["without its expiry", (query: string) => query.replace(/expires=\d+&/, "")],
    ["with an empty signature", (query: string) => query.replace(/signature=.*/, "signature=")],
  ])("that was %s opens nothing", async (_how, change) => {
    const app = anApp();
    const { id } = await keep(app, { status: "succeeded" });
    const { status, json } = await poll(app, id, change(signedQuery(app, id)), anonymous);
    expect([status, json]).toMatchObject([401, { error: { code: "unauthorized" } }]);
  });

  it("opens no other job", async () => {
    const app = anApp();
    const [mine, other] = [await keep(app, {}), await keep(app, {})];
    expect((await poll(app, other.id, signedQuery(app, mine.id), anonymous)).status).toBe(401);
  });

  it("opens nothing once it has expired", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    const query = signedQuery(app, id);
    app.clock.pass(25 * 3_600_000);
    expect((await poll(app, id, query, anonymous)).status).toBe(401);
  });

  it("opens nothing but the result", async () => {
    const app = anApp();
    const { id } = await keep(app, {}, [storedSlot(0)]);
    const query = signedQuery(app, id);
    const job = await app.ask("jobsGet", { path: `/api/jobs/${id}${query}`, headers: anonymous });
    const image = await app.ask("jobImageGet", {
      path: `/api/jobs/${id}/images/0${query}`,
      headers: anonymous,
    });
    expect([job.status, image.status]).toEqual([401, 401]);
  });

  it("of what is no job's id is not found, nor looked for", async () => {
    const app = anApp();
    expect((await poll(app, "job_x", signedQuery(app, "job_x"), anonymous)).status).toBe(404);
    expect(app.diary).toEqual([]);
  });

  it("of a job that is gone is not found", async () => {
    const app = anApp();
    const { id } = aJob();
    expect((await poll(app, id, signedQuery(app, id), anonymous)).status).toBe(404);
  });

  it("opens its job to the one who holds it, also to a caller whose own it isn't", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    expect((await poll(app, id, signedQuery(app, id), { "x-caller": "key:other" })).status).toBe(202);
    expect((await poll(app, id, "", { "x-caller": "key:other" })).status).toBe(404);
  });
});
