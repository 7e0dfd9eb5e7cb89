import { describe, expect, it } from "vitest";
import { apiKeyAuthenticator } from "../../../src/adapters/crypto/api-key-authenticator.ts";
import { callerLimitsOf } from "../../../src/adapters/crypto/caller-limits.ts";
import { callerDirectory } from "../../../src/adapters/crypto/caller-directory.ts";
import { settingKeys } from "../../../src/adapters/crypto/setting-keys.ts";
import type { NewKeyReply, OperatorJob } from "../../../src/contracts/operator.ts";
import type { OperatorUsageReport } from "../../../src/contracts/usage.ts";
import { anApp, keep } from "../../support/app.ts";
import { hashOf } from "../../support/authenticator.ts";
import { FakeClock } from "../../support/fakes.ts";
import { type Sent, send } from "../../support/http.ts";

const json = { "content-type": "application/json" };

/** The app behind its own authenticator: `root` is an operator by settings, `phone` is none. */
function anOperatedApp() {
  const clock = new FakeClock();
  const app = anApp({ clock });
  const settings = settingKeys(
    new Map([
      ["root", hashOf("root-key")],
      ["phone", hashOf("phone-key")],
    ]),
    "key:root",
  );
  const authenticator = apiKeyAuthenticator({
    keys: callerDirectory(settings, app.registry, clock),
    tokens: app.tokens,
    trustsEntraHeader: false,
  });
  const ask = (name: keyof typeof app.endpoints, path: string, sent: Omit<Sent, "path"> = {}) =>
    send(
      app.endpoints[name],
      { path, ...sent, headers: { "api-key": "root-key", ...json, ...sent.headers } },
      authenticator,
    );
  const addCaller = (name: string, body: object = {}) =>
    ask("operatorCallersPut", `/api/operator/callers/${name}`, { body: JSON.stringify(body) });
  const addKey = async (name: string, body: object = {}) => {
    const reply = await ask("operatorKeysPost", `/api/operator/callers/${name}/keys`, {
      body: JSON.stringify(body),
    });
    return reply.json as NewKeyReply;
  };
  const revoke = (name: string, id: string, headers = {}) =>
    ask("operatorKeysDelete", `/api/operator/callers/${name}/keys/${id}`, { headers });
  const statusWith = async (key: string) =>
    (await ask("modelsGet", "/api/models", { headers: { "api-key": key } })).status;
  return { app, clock, settings, ask, addCaller, addKey, revoke, statusWith };
}

describe("a caller's key", () => {
  it("opens once it is made, and nothing once it is revoked; its caller has others", async () => {
    const { addCaller, addKey, revoke, statusWith, clock } = anOperatedApp();
    expect((await addCaller("web")).status).toBe(201);
    const [first, second] = [await addKey("web"), await addKey("web")];
    expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([200, 200]);
    expect((await revoke("web", first.id)).status).toBe(200);
    clock.pass(5_000);
    expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([401, 200]);
  });

  it("is read from the table at most each second, however many unknown ones are sent", async () => {
    const { app, statusWith, clock } = anOperatedApp();
    for (let round = 0; round < 50; round += 1) await statusWith(`guess-${round}`);
    expect(app.registry.reads).toBe(1);
    clock.pass(1_000);
    await statusWith("guess");
    expect(app.registry.reads).toBe(2);
  });

  it("of settings costs no look at the table", async () => {
    const { app, statusWith } = anOperatedApp();
    expect([await statusWith("phone-key"), app.registry.reads]).toEqual([200, 0]);
  });

  it("ends with its time, and with its caller's", async () => {
    const { addCaller, addKey, statusWith, clock } = anOperatedApp();
    const inAnHour = new Date(clock.now().getTime() + 3_600_000).toISOString();
    await addCaller("short", { expires_at: inAnHour });
    await addCaller("long");
    const keys = [
      await addKey("short"),
      await addKey("long", { expires_at: inAnHour }),
      await addKey("long"),
    ];
    clock.pass(3_600_000);
    expect(await Promise.all(keys.map(({ key }) => statusWith(key)))).toEqual([401, 401, 200]);
  });

  it("does what its caller's scopes say", async () => {
    const { addCaller, addKey, ask } = anOperatedApp();
    await addCaller("reader", { scopes: ["read"] });
    const { key } = await addKey("reader");
    const body = JSON.stringify({ model: "dall-e-3", prompt: "a" });
    const headers = { "api-key": key };
    const refused = await ask("generationsPost", "/api/images/generations", { headers, body });
    expect(refused).toMatchObject({
      status: 403,
      json: { error: { message: "This key has no scope generate: it has read." } },
    });
    expect((await ask("jobsList", "/api/jobs", { headers })).status).toBe(200);
    const token = await ask("tokensPost", "/api/tokens", { headers, body: '{"subject":"ann"}' });
    expect(token.status).toBe(403);
  });

  it("is kept as its hash alone", async () => {
    const { app, addCaller, addKey, ask } = anOperatedApp();
    await addCaller("web");
    const { key } = await addKey("web");
    expect(JSON.stringify([...app.registry.callers.values()])).not.toContain(key);
    const { text } = await ask("operatorCallersList", "/api/operator/callers");
    expect([text.includes(key), text.includes(hashOf(key))]).toEqual([false, false]);
  });
});

describe("operators", () => {
  it("alone may come in: no other key, and no token", async () => {
    const { app, ask } = anOperatedApp();
    const endpoints = Object.entries(app.endpoints).filter(([name]) => name.startsWith("operator"));
    expect(endpoints).toHaveLength(13);
    for (const [name, endpoint] of endpoints) {
      const path = `/${endpoint.route.replaceAll(/\{\w+\}/g, "x")}`;
      const { status } = await ask(name as keyof typeof app.endpoints, path, {
        headers: { "api-key": "phone-key" },
      });
      expect([name, status]).toEqual([name, 403]);
    }
    expect(app.audit.entries).toEqual([]);
  });

  it("can't revoke the last key of an operator where settings name none, and can once there is another", async () => {
    const { app, addCaller, addKey, ask, clock } = anOperatedApp();
    await addCaller("ops", { scopes: ["operator"] });
    const [first, second] = [await addKey("ops"), await addKey("ops")];
    const path = (id: string) => `/api/operator/callers/ops/keys/${id}`;
    expect((await ask("operatorKeysDelete", path(first.id))).status).toBe(200);
    const last = await ask("operatorKeysDelete", path(second.id));
    expect(last).toMatchObject({ status: 409, json: { error: { message: /last key of an operator/ } } });
    expect(app.registry.callers.get("ops")?.keys.map(({ revokedAt }) => revokedAt !== undefined)).toEqual([
      true,
      false,
    ]);
    clock.pass(5_000);
    expect((await ask("operatorCallersList", "/api/operator/callers")).status).toBe(200);
  });

  it.each(["phone", "web"])("can't give the name %s twice, over settings and table", async (name) => {
    const { addCaller } = anOperatedApp();
    await addCaller("web");
    expect(await addCaller(name)).toMatchObject({ status: 409, json: { error: { code: "conflict" } } });
  });

  it("are refused what isn't there, what settings hold, and what is no name", async () => {
    const { addCaller, addKey, revoke } = anOperatedApp();
    await addCaller("web");
    expect((await revoke("web", "nothing")).status).toBe(404);
    expect((await revoke("phone", "0123456789abcdef")).status).toBe(409);
    expect(await addKey("nobody")).toMatchObject({ error: { code: "notFound" } });
    expect((await addCaller("!version")).status).toBe(400);
  });

  it("see, cancel and list jobs of all callers; each act is in the audit log", async () => {
    const { app, ask } = anOperatedApp();
    const job = await keep(app, { id: app.ids.next("key:phone"), caller: "key:phone" });
    const shown = await ask("operatorJobsGet", `/api/operator/jobs/${job.id}`);
    expect(shown.json).toMatchObject({ id: job.id, caller: "key:phone" });
    const list = await ask("operatorJobsList", "/api/operator/jobs");
    expect((list.json as { jobs: OperatorJob[] }).jobs.map(({ id }) => id)).toEqual([job.id]);
    const canceled = await ask("operatorJobCancel", `/api/operator/jobs/${job.id}/cancel`);
    expect(canceled.json).toMatchObject({ status: "canceled", caller: "key:phone" });
    await ask("operatorJobsGet", `/api/operator/jobs/${app.ids.next("key:web")}`);
    const { json: audit } = await ask("operatorAuditList", "/api/operator/audit?limit=5");
    expect((audit as { entries: object[] }).entries).toMatchObject([
      { operator: "key:root", act: "audit-list", target: "" },
      { act: "jobs-get", outcome: "notFound" },
      { act: "job-cancel", target: job.id, outcome: "200" },
      { act: "jobs-list", outcome: "200" },
      { act: "jobs-get", target: job.id, outcome: "200" },
    ]);
  });

  it("do nothing where the audit log can't be written", async () => {
    const { app, addCaller } = anOperatedApp();
    app.audit.begin = () => Promise.reject(new Error("storage is away"));
    expect((await addCaller("web")).status).toBe(500);
    expect([...app.registry.callers.keys()]).toEqual([]);
  });
});

describe("the app's mode", () => {
  const generate = (ask: ReturnType<typeof anOperatedApp>["ask"]) =>
    ask("generationsPost", "/api/images/generations", {
      headers: { "api-key": "phone-key" },
      body: JSON.stringify({ model: "dall-e-3", prompt: "a" }),
    });

  it("draining refuses new jobs, and open takes them again", async () => {
    const { app, ask } = anOperatedApp();
    expect((await ask("operatorServicePut", "/api/operator/service/draining")).json).toEqual({
      mode: "draining",
    });
    const refused = await generate(ask);
    expect([refused.status, refused.headers.get("retry-after"), app.jobs.jobs.size]).toEqual([503, "60", 0]);
    await ask("operatorServicePut", "/api/operator/service/open");
    expect((await generate(ask)).status).toBe(202);
  });

  it("is one of three", async () => {
    const { ask } = anOperatedApp();
    expect(await ask("operatorServicePut", "/api/operator/service/off")).toMatchObject({
      status: 400,
      json: { error: { param: "mode", allowed: ["open", "draining", "paused"] } },
    });
    expect((await ask("operatorServiceGet", "/api/operator/service")).json).toEqual({ mode: "open" });
  });
});

it("what a caller may take is said while the app runs, and of a caller of settings by these alone", async () => {
  const { ask, addCaller, app, clock, settings } = anOperatedApp();
  await addCaller("web");
  const limit = (name: string, body: object) =>
    ask("operatorLimitsPut", `/api/operator/callers/${name}/limits`, { body: JSON.stringify(body) });
  const limits = { open_jobs: 3, jobs_per_minute: 9 };
  expect((await limit("web", limits)).json).toMatchObject({ name: "web", limits });
  const table = callerDirectory(settings, app.registry, clock);
  const limitsOf = callerLimitsOf({
    settings: new Map([["*", { openJobs: 7 }]]),
    ...{ settingNames: ["phone"], table },
  });
  expect(await limitsOf("key:web")).toEqual({ openJobs: 3, jobsPerMinute: 9 });
  expect(await limitsOf("key:phone")).toEqual({ openJobs: 7 });
  const budget = { amount: 20, currency: "USD", period: "month" };
  const unpriced = await limit("web", { budget });
  expect([unpriced.status, unpriced.json]).toMatchObject([400, { error: { param: "budget" } }]);
  expect((await limit("phone", limits)).status).toBe(409);
  expect((await limit("nobody", limits)).status).toBe(404);
});

it("usage of all callers has a line for each, and of one its own", async () => {
  const { ask, app } = anOperatedApp();
  const facts = { status: "succeeded", createdAt: "2026-03-03T10:00:00.000Z" } as const;
  await keep(app, { ...facts, caller: "key:a" });
  await keep(app, { ...facts, caller: "key:b" });
  const linesOf = async (query: string) =>
    ((await ask("operatorUsageGet", `/api/operator/usage${query}`)).json as OperatorUsageReport).lines;
  expect(await linesOf("")).toMatchObject([{ caller: "key:a", jobs: 1 }, { caller: "key:b" }]);
  expect(await linesOf("?caller=key:b")).toMatchObject([{ caller: "key:b" }]);
  expect(await linesOf("?to=2026-03-02")).toEqual([]);
});
