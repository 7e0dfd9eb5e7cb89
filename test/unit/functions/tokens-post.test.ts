import { describe, expect, it } from "vitest";
import { apiKeyAuthenticator } from "../../../src/adapters/crypto/api-key-authenticator.ts";
import { settingKeys } from "../../../src/adapters/crypto/setting-keys.ts";
import type { IssuedTokenReply } from "../../../src/contracts/tokens.ts";
import type { Price } from "../../../src/domain/quota/prices.ts";
import { anApp } from "../../support/app.ts";
import { hashOf } from "../../support/authenticator.ts";
import { FakeClock } from "../../support/fakes.ts";
import { type Answer, type Sent, send } from "../../support/http.ts";

const key = "phone-key";
const withKey = { "api-key": key };
const json = { "content-type": "application/json" };

/** The app behind its own authenticator; `keys` may be changed meanwhile, as by a restart with other settings. */
function aGuardedApp(clock = new FakeClock(), prices: readonly Price[] = []) {
  const app = anApp({ clock, prices });
  const keys = new Map([["phone", hashOf(key)]]);
  const endpoints = { ...app.endpoints, ...app.connector };
  const ask = (name: keyof typeof endpoints, sent: Sent) =>
    send(
      endpoints[name],
      sent,
      apiKeyAuthenticator({ keys: settingKeys(keys), tokens: app.tokens, trustsEntraHeader: true }),
    );
  const issue = (body: object, headers: Record<string, string> = withKey) =>
    ask("tokensPost", { path: "/api/tokens", headers: { ...headers, ...json }, body: JSON.stringify(body) });
  const tokenFor = async (body: object) => ((await issue(body)).json as IssuedTokenReply).token;
  const generate = (token: string, body: object = {}, headers: Record<string, string> = {}) =>
    ask("generationsPost", {
      path: "/api/images/generations",
      headers: { authorization: `Bearer ${token}`, ...json, ...headers },
      body: JSON.stringify({ model: "dall-e-3", prompt: "a", ...body }),
    });
  return { app, clock, keys, ask, issue, tokenFor, generate };
}

const refusal = ({ status, json: body }: Answer) => {
  const { error } = body as { error: { code: string; message: string } };
  return [status, error.code, error.message];
};

const prices = [{ model: "dall-e-3", perImage: 40_000, currency: "USD", source: "here", asOf: "2026-11-30" }];

describe("a token with max_spend", () => {
  const max_spend = { amount: 0.08, currency: "USD" };

  it("spends so much over all its jobs, and no more", async () => {
    const { tokenFor, generate } = aGuardedApp(new FakeClock(), prices);
    const token = await tokenFor({ subject: "ann", models: ["dall-e-3"], max_spend });
    expect((await generate(token, { n: 2 })).status).toBe(202);
    const over = await generate(token);
    expect([over.status, over.json]).toMatchObject([429, { error: { code: "budgetExceeded" } }]);
    const other = await tokenFor({ subject: "ann", models: ["dall-e-3"], max_spend });
    expect((await generate(other, { n: 3 })).status).toBe(429);
  });

  it("needs prices of all that it may run", async () => {
    const { issue } = aGuardedApp(new FakeClock(), prices);
    const { status, json: reply } = await issue({ subject: "ann", max_spend });
    expect([status, reply]).toMatchObject([400, { error: { details: [{ param: "max_spend" }, {}, {}] } }]);
  });
});

describe("a token", () => {
  it("is answered once, with what it allows", async () => {
    const { issue, clock } = aGuardedApp();
    const { status, json: reply } = await issue({ subject: "ann" });
    expect([status, reply]).toEqual([
      201,
      {
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
        id: expect.any(String) as string,
        subject: "ann",
        scopes: ["generate", "edit", "read"],
        expires_at: new Date(Math.floor(clock.now().getTime() / 1000) * 1000 + 900_000).toISOString(),
        max_jobs: 20,
      },
    ]);
  });

  it("makes and reads its subject's jobs, which are found again with the subject's next token", async () => {
    const { generate, tokenFor, ask } = aGuardedApp();
    const made = await generate(await tokenFor({ subject: "ann" }));
    expect(made.status).toBe(202);
    const { id } = made.json as { id: string };
    const later = { authorization: `Bearer ${await tokenFor({ subject: "ann", scopes: ["read"] })}` };
    expect((await ask("jobsGet", { path: `/api/jobs/${id}`, headers: later })).status).toBe(200);
    const list = await ask("jobsList", { path: "/api/jobs", headers: later });
    expect((list.json as { jobs: { id: string }[] }).jobs.map((job) => job.id)).toEqual([id]);
  });

  it("sees no job of another subject, of another caller, or of its own caller", async () => {
    const { generate, tokenFor, ask, app } = aGuardedApp();
    const other = (await generate(await tokenFor({ subject: "bob" }))).json as { id: string };
    const own = app.ids.next("key:phone");
    const headers = { authorization: `Bearer ${await tokenFor({ subject: "ann" })}` };
    for (const id of [other.id, own, app.ids.next("key:web")])
      expect(refusal(await ask("jobsGet", { path: `/api/jobs/${id}`, headers }))).toEqual([
        403,
        "forbidden",
        "This token is for the jobs of its subject, ann, alone.",
      ]);
    const list = await ask("jobsList", { path: "/api/jobs", headers });
    expect((list.json as { jobs: unknown[] }).jobs).toEqual([]);
  });

  it("of a subject of the same name, but another caller's, is another subject's", async () => {
    const { keys, issue, generate, tokenFor, ask } = aGuardedApp();
    keys.set("web", hashOf("web-key"));
    const job = (await generate(await tokenFor({ subject: "ann" }))).json as { id: string };
    const { token } = (await issue({ subject: "ann" }, { "api-key": "web-key" })).json as IssuedTokenReply;
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask("jobsGet", { path: `/api/jobs/${job.id}`, headers })).status).toBe(403);
  });
});

describe("what is over a token", () => {
  it.each([
    [{ scopes: ["read"] }, {}, "This token has no scope generate: it has read."],
    [{ models: ["gpt-image-1"] }, {}, "This token may not use dall-e-3; its models: gpt-image-1."],
    [{ tags: ["free"] }, { tags: ["paid"] }, "This token may not use the tag paid; its tags: free."],
    [{ max_jobs: 0 }, {}, "This token has had its 0 jobs; ask for another token."],
  ])("%j is named for %j", async (limits, body, message) => {
    const { app, generate, tokenFor } = aGuardedApp();
    const answer = await generate(await tokenFor({ subject: "ann", ...limits }), body);
    expect(refusal(answer)).toEqual([403, "forbidden", message]);
    expect([...app.jobs.jobs.keys()]).toEqual([]);
  });

  it("is one job more than its cap; one that is sent again is the same job", async () => {
    const { generate, tokenFor } = aGuardedApp();
    const token = await tokenFor({ subject: "ann", max_jobs: 2 });
    const once = { "idempotency-key": "once" };
    expect((await generate(token, {}, once)).status).toBe(202);
    expect((await generate(token, {}, once)).headers.get("idempotency-replayed")).toBe("true");
    expect((await generate(token)).status).toBe(202);
    expect((await generate(token)).status).toBe(403);
  });

  it("is its life, and the life of the key that made it", async () => {
    const { clock, keys, generate, tokenFor } = aGuardedApp();
    const token = await tokenFor({ subject: "ann", expires_in: 60 });
    clock.pass(59_000);
    expect((await generate(token)).status).toBe(202);
    clock.pass(1_000);
    expect(refusal(await generate(token))).toEqual([
      401,
      "unauthorized",
      "This token has expired; ask for another.",
    ]);
    const fresh = await tokenFor({ subject: "ann" });
    keys.set("phone", hashOf("another-key"));
    expect(refusal(await generate(fresh))).toEqual([
      401,
      "unauthorized",
      "The key that this token was made with is not valid any more.",
    ]);
  });

  it("is another token, a hook that outlives it, and a webhook", async () => {
    const { issue, tokenFor, ask, generate } = aGuardedApp();
    const token = await tokenFor({ subject: "ann" });
    const bearer = { authorization: `Bearer ${token}` };
    const message = "This takes a caller's own key; a token is not enough.";
    expect(refusal(await issue({ subject: "bob" }, bearer))).toEqual([403, "forbidden", message]);
    const hook = { path: "/api/connector/hooks/images", headers: { ...bearer, ...json }, body: "{}" };
    expect((await ask("whenImageIsReady", hook)).status).toBe(403);
    const webhook = await generate(token, { webhook_url: "https://hooks.example/x" });
    expect(refusal(webhook)).toMatchObject([400, "invalidRequest", /can't be used with a token/]);
  });

  it("is anything at all once a letter of it is changed", async () => {
    const { tokenFor, generate } = aGuardedApp();
    const token = await tokenFor({ subject: "ann" });
    const [head, body = "", signature] = token.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "bob" })).toString("base64url");
    const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const text of [`${head}.${forged}.${signature}`, `${unsigned}.${body}.`, `${unsigned}.${body}.x`])
      expect((await generate(text)).status).toBe(401);
  });
});

describe("a request for a token", () => {
  it.each([
    [{}, "subject"],
    [{ subject: "" }, "subject"],
    [{ subject: "two words" }, "subject"],
    [{ subject: "ann", scopes: [] }, "scopes"],
    [{ subject: "ann", scopes: ["operator"] }, "scopes.0"],
    [{ subject: "ann", expires_in: 86_401 }, "expires_in"],
    [{ subject: "ann", max_jobs: -1 }, "max_jobs"],
    [{ subject: "ann", models: ["dall-e-9"] }, "models.0"],
    [{ subject: "ann", life: 9 }, "life"],
  ])("%j is refused for its %s", async (body, param) => {
    const { issue } = aGuardedApp();
    expect(await issue(body)).toMatchObject({ status: 400, json: { error: { param } } });
  });

  it("needs a key: a sign-in is no key that the token could end with", async () => {
    const { issue } = aGuardedApp();
    const principal = btoa(JSON.stringify({ claims: [{ typ: "oid", val: "ann" }] }));
    const answer = await issue({ subject: "ann" }, { "x-ms-client-principal": principal });
    expect(refusal(answer)).toEqual([
      403,
      "forbidden",
      "Tokens are made with a caller's key, not with a sign-in.",
    ]);
  });
});
