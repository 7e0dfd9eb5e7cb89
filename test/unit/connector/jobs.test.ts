import { describe, expect, it } from "vitest";
import {
  connectorError,
  imageJob,
  imageJobList,
  imageResult,
} from "../../../src/connector/contracts/schemas.ts";
import { type ErrorCode, errorInfo, errorCodes } from "../../../src/domain/app-error.ts";
import { type App, anApp, keep } from "../../support/app.ts";
import { askConnector, anonymous, expectShape, keepMade, locationOf } from "../../support/connector.ts";
import { origin } from "../../support/http.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const signed = (app: App, id: string, more = "") => {
  const { expires, signature } = app.signer.sign(id);
  return `/api/connector/jobs/${id}/result?${more}expires=${expires}&signature=${signature}`;
};
const poll = (app: App, path: string, headers: Record<string, string> = anonymous) =>
  askConnector(app, "getImageJobResult", { path, headers });
const jobs = "/api/connector/jobs";

describe("a poll without credentials", () => {
  it.each(["queued", "running"] as const)("of a job that is %s is told to come again", async (status) => {
    const app = anApp();
    const { id } = await keep(app, { status });
    const answer = await poll(app, signed(app, id, "includeContent=true&"));
    expect([answer.status, expectShape(answer.json, imageJob)]).toMatchObject([202, { jobId: id, status }]);
    expect(answer.headers.get("location")).toMatch(
      new RegExp(`^${origin}/api/connector/jobs/${id}/result\\?includeContent=true&expires=`),
    );
    expect(answer.headers.get("retry-after")).toBe("5");
    // The address in an answer is as good as the one before.
    expect((await poll(app, locationOf(answer))).status).toBe(202);
  });

  it("is told what the job waits for, when it will probably end and what it may cost", async () => {
    const since = "2026-01-01T00:00:00.000Z";
    const waiting = { reason: "quota" as const, since, until: "2026-01-01T00:00:30.000Z", position: 3 };
    const endsAt = Date.parse("2026-01-01T00:01:00.000Z");
    const app = anApp({ waits: { of: async () => ({ waiting, endsAt }) } });
    const { id } = await keep(app, { status: "queued", price: { currency: "USD", perImage: 40_000 } });
    expect(expectShape((await poll(app, signed(app, id))).json, imageJob)).toMatchObject({
      waiting,
      estimatedEnd: "2026-01-01T00:01:00.000Z",
      cost: { currency: "USD", estimated: expect.any(Number) as number },
    });
  });

  it("of a job that succeeded gets its flat result, and nowhere else to go", async () => {
    const app = anApp();
    const { id } = await keep(
      app,
      { status: "succeeded", usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
      [storedSlot(0), failedSlot(1)],
    );
    const answer = await poll(app, signed(app, id));
    expect(answer.status).toBe(200);
    expect(expectShape(answer.json, imageResult)).toMatchObject({
      jobId: id,
      images: [{ index: 0, imageId: `${id}.0`, contentType: "image/png", revisedPrompt: "a fine cat" }],
      failures: [{ index: 1, code: "contentFilter", message: "Why it failed." }],
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    });
    expect(answer.text).not.toContain("contentBytes");
    expect([answer.headers.get("location"), answer.headers.get("retry-after")]).toEqual([null, null]);
  });

  it.each(["true", "True"])("gets the files as well, where the action asked for them: %s", async (word) => {
    const app = anApp();
    const { id } = await keepMade(app, {}, ["first", "second"]);
    const { json } = await poll(app, signed(app, id, `includeContent=${word}&`));
    const contents = expectShape(json, imageResult).images.map(({ contentBytes = "" }) =>
      Buffer.from(contentBytes, "base64").toString(),
    );
    expect(contents).toEqual(["first", "second"]);
  });

  it("leaves files out that would make the answer too large; their links are there", async () => {
    const app = anApp();
    const large = { ...storedSlot(0), bytes: 33 * 1024 * 1024 };
    const { id } = await keep(app, { status: "succeeded" }, [large]);
    const { json } = await poll(app, signed(app, id, "includeContent=true&"));
    expect(expectShape(json, imageResult).images.map((image) => "contentBytes" in image)).toEqual([false]);
  });

  it.each(Object.keys(errorCodes) as ErrorCode[])(
    "of a job that failed by %s ends in 422: an engine posts again after 408, 429 and 5xx",
    async (code) => {
      const app = anApp();
      const { id } = await keep(app, { status: "failed", failure: errorInfo(code, "Why.") });
      const answer = await poll(app, signed(app, id));
      expect(answer.status).toBe(422);
      expect(expectShape(answer.json, connectorError).error).toMatchObject({
        code,
        message: "Why.",
        requestId: "request-1",
      });
      expect([answer.headers.get("location"), answer.headers.get("retry-after")]).toEqual([null, null]);
    },
  );

  it("of a canceled job ends in 410", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "canceled" });
    const answer = await poll(app, signed(app, id));
    expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([410, "expired"]);
  });

  it("is refused with an address that was changed, has expired, or is another job's", async () => {
    const app = anApp();
    const [mine, other] = [await keep(app, {}), await keep(app, {})];
    const address = signed(app, mine.id);
    for (const path of [address.replace(mine.id, other.id), `${address}A`, `${jobs}/${mine.id}/result`]) {
      const answer = await poll(app, path);
      expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([
        401,
        "unauthorized",
      ]);
    }
    app.clock.pass(25 * 3_600_000);
    expect((await poll(app, address)).status).toBe(401);
  });

  it("with credentials is answered for the caller's own jobs, and for no other's", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    const path = `${jobs}/${id}/result`;
    expect((await poll(app, path, {})).status).toBe(202);
    expect((await poll(app, path, { "x-caller": "key:other" })).status).toBe(404);
  });
});

describe("a job", () => {
  it.each(["queued", "running", "succeeded", "failed", "canceled"] as const)(
    "that is %s is answered 200, whatever it came to",
    async (status) => {
      const app = anApp();
      const { id } = await keep(app, { status }, [storedSlot(0)]);
      const { status: answered, json } = await askConnector(app, "getImageJob", { path: `${jobs}/${id}` });
      expect([answered, expectShape(json, imageJob)]).toMatchObject([200, { jobId: id, status }]);
    },
  );

  it("comes with its files if asked for, and with a refusal of what is neither yes nor no", async () => {
    const app = anApp();
    const { id } = await keepMade(app, {}, ["pixels"]);
    const ask = (query: string) =>
      askConnector(app, "getImageJob", { path: `${jobs}/${id}?includeContent=${query}` });
    expect((await ask("True")).json).toMatchObject({
      images: [{ contentBytes: Buffer.from("pixels").toString("base64") }],
    });
    expect((await ask("")).text).not.toContain("contentBytes");
    expect(await ask("maybe")).toMatchObject({ status: 400, json: { error: { param: "includeContent" } } });
  });

  it("is canceled, once; one that has ended isn't", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "running" });
    const cancel = () => askConnector(app, "cancelImageJob", { path: `${jobs}/${id}/cancel` });
    for (const answer of [await cancel(), await cancel()])
      expect([answer.status, expectShape(answer.json, imageJob).status]).toEqual([200, "canceled"]);
    const ended = await keep(app, { status: "succeeded" });
    const answer = await askConnector(app, "cancelImageJob", { path: `${jobs}/${ended.id}/cancel` });
    expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([409, "conflict"]);
  });

  it("is deleted once it has ended", async () => {
    const app = anApp();
    const [ended, running] = [await keepMade(app), await keep(app, { status: "running" })];
    const remove = (id: string) => askConnector(app, "deleteImageJob", { path: `${jobs}/${id}` });
    expect((await remove(ended.id)).status).toBe(204);
    expect((await remove(ended.id)).status).toBe(404);
    const refused = await remove(running.id);
    expect([refused.status, expectShape(refused.json, connectorError).error.code]).toEqual([409, "conflict"]);
  });

  it.each(["getImageJob", "cancelImageJob", "deleteImageJob"] as const)(
    "of another caller is as unknown to %s as one that never was",
    async (name) => {
      const app = anApp();
      const { id } = await keep(app, {});
      const path = `${jobs}/${id}${name === "cancelImageJob" ? "/cancel" : ""}`;
      const answer = await askConnector(app, name, { path, headers: { "x-caller": "key:other" } });
      expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([404, "notFound"]);
    },
  );
});

describe("a list", () => {
  it("is read to its end by its cursors, and each job comes once", async () => {
    const app = anApp();
    const kept = [];
    for (let index = 0; index < 5; index += 1) kept.push(await keep(app, { tags: ["demo"] }));
    await keep(app, { caller: "key:other" });
    const seen: string[] = [];
    let query = "?tag=demo&limit=2&status=";
    for (let page = 0; page < 5; page += 1) {
      const { json } = await askConnector(app, "listImageJobs", { path: jobs + query });
      const { value, nextCursor } = expectShape(json, imageJobList);
      seen.push(...value.map(({ jobId }) => jobId));
      if (nextCursor === undefined) break;
      query = `?tag=demo&limit=2&cursor=${nextCursor}`;
    }
    expect(seen.sort()).toEqual(kept.map(({ id }) => id).sort());
  });

  it.each(["limit=0", "status=done", "cursor=x", "x=1"])("refuses %s", async (query) => {
    const answer = await askConnector(anApp(), "listImageJobs", { path: `${jobs}?${query}` });
    expect(answer.status).toBe(400);
    const { error } = expectShape(answer.json, connectorError);
    expect(error.param).toBe(query.split("=")[0]);
    expect(error.message).not.toContain("next_cursor");
  });
});
