import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
const keys = { phone: "phone-key-1234567890", tablet: "tablet-key-1234567890" };
const darkroom = useDarkroom({
  settings: { API_KEYS: JSON.stringify({ phone: hashOf(keys.phone), tablet: hashOf(keys.tablet) }) },
  settingsMatterToSome: true,
});
const as = (key: string) => ({ headers: { "api-key": key } });
// The id in its address is its key; one that isn't genuine is answered as if there had never been one.
const keyless = ["connector-delete-image-hook"];
const publicFunctions = [
  "assets-get",
  "azure-openapi",
  "connector-swagger-get",
  "connector-swagger-options",
  "docs-get",
  "health-get",
  "openai-v1-openapi",
  "openapi-get",
  "page-get",
  "v1-openapi",
  "zz-unmatched-path",
  "zz-unmatched-root",
];

interface Listed {
  name: string;
  invoke_url_template?: string;
  config: { bindings: { type: string; methods?: string[] }[] };
}

async function httpFunctions(): Promise<{ name: string; method: string; url: string }[]> {
  const listed = (await (await darkroom.fetchAsAdmin("/admin/functions")).json()) as Listed[];
  return listed.flatMap(({ name, invoke_url_template: template, config }) => {
    const trigger = config.bindings.find(({ type }) => type.toLowerCase() === "httptrigger");
    if (template === undefined || !trigger) return [];
    const path = new URL(template.replace(/\{root[^/]*\}/, "").replace(/\{[^}]*\}/g, "x")).pathname;
    return (trigger.methods ?? ["GET"]).map((method) => ({ name, method, url: darkroom.running.url + path }));
  });
}

describe("every HTTP function", () => {
  it("answers nobody without credentials, but for the public ones", async () => {
    const found = await httpFunctions();
    expect(found.length).toBeGreaterThanOrEqual(10);
    const starters = ["edits-post", "generations-post", "uploads-post"];
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(starters));
    const answers = await Promise.all(
      found.map(async ({ name, method, url }) => {
        const attempts = [
          {},
          { "api-key": "wrong" },
          { authorization: "Bearer wrong" },
          { "x-functions-key": "any" },
          { "x-ms-client-principal": btoa("{}") },
        ];
        const statuses = await Promise.all(
          attempts.map(async (headers) => (await fetch(url, { method, headers })).status),
        );
        if (keyless.includes(name)) expect(new Set(statuses)).toEqual(new Set([404]));
        return { name, statuses, isOpen: statuses.some((status) => status !== 401) };
      }),
    );
    const open = new Set(answers.filter(({ isOpen }) => isOpen).map(({ name }) => name));
    expect(answers.filter(({ statuses }) => statuses.some((status) => status >= 500))).toEqual([]);
    expect([...open].sort()).toEqual([...publicFunctions, ...keyless].sort());
  });

  it("sends its request's id and forbids guessing its type", async () => {
    const reply = await fetch(`${darkroom.running.url}/api/models`);
    expect(reply.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("a key", () => {
  it.each([
    ["api-key", keys.phone],
    ["authorization", `Bearer ${keys.phone}`],
    ["api-key", `Bearer ${keys.phone}`],
  ])("opens as %s: %s", async (header, value) => {
    darkroom.needOwnSettings();
    expect((await fetch(`${darkroom.running.url}/api/models`, { headers: { [header]: value } })).status).toBe(
      200,
    );
  });
});

describe("another caller's job", () => {
  it("is as unknown as one that never was", async () => {
    darkroom.needOwnSettings();
    const body = JSON.stringify({ model: "dall-e-3", prompt: "mine" });
    const headers = { ...as(keys.phone).headers, "content-type": "application/json" };
    const job = (await (
      await darkroom.fetch("/api/images/generations", { method: "POST", headers, body })
    ).json()) as { id: string };
    const neverWas = `job_${"0".repeat(32)}`;
    for (const path of ["", "/result", "/images/0"]) {
      const foreign = await darkroom.fetch(`/api/jobs/${job.id}${path}`, as(keys.tablet));
      const unknown = await darkroom.fetch(`/api/jobs/${neverWas}${path}`, as(keys.tablet));
      expect([foreign.status, unknown.status]).toEqual([404, 404]);
      const withoutId = async (reply: Response) => (await reply.text()).replace(/"request_id":"[^"]*"/, "");
      expect(await withoutId(foreign)).toBe(await withoutId(unknown));
    }
    expect((await darkroom.fetch(`/api/jobs/${job.id}`, as(keys.phone))).status).toBe(200);
  });
});

it("the host's own /admin opens to nobody, not even to a caller's key", async () => {
  darkroom.needEmbeddedHost("Core Tools take everybody for an administrator");
  for (const headers of [{}, as(keys.phone).headers, { "x-functions-key": keys.phone }])
    expect((await fetch(`${darkroom.running.url}/admin/functions`, { headers })).status).toBe(401);
});

describe("what is public", () => {
  it("is a page that loads nothing from elsewhere", async () => {
    const reply = await fetch(`${darkroom.running.url}/`);
    expect(reply.headers.get("content-type")).toContain("text/html");
    expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await reply.text()).toContain("<title>Darkroom</title>");
  });

  it("is a description of the whole surface", async () => {
    const document = (await (await fetch(`${darkroom.running.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: object;
    };
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths)).toContain("/api/images/generations");
  });

  it("is the connector's definition, for the host it is asked at and to pages of other sites", async () => {
    const address = `${darkroom.running.url}/connector.swagger.json`;
    const asked = await fetch(address, { method: "OPTIONS" });
    expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    const reply = await fetch(address);
    const { host } = new URL(address);
    expect(await reply.json()).toMatchObject({ swagger: "2.0", host, schemes: ["http"] });
    const known = { "if-none-match": reply.headers.get("etag") ?? "" };
    expect((await fetch(address, { headers: known })).status).toBe(304);
  });

  it("is a health check that asks nothing upstream", async () => {
    const before = (await darkroom.ledger()).totals.calls;
    const reply = await fetch(`${darkroom.running.url}/api/health`);
    expect([reply.status, await reply.json()]).toMatchObject([
      200,
      { status: "ok", checks: { host: "ok", storage: "ok", configuration: "ok" } },
    ]);
    expect((await darkroom.ledger()).totals.calls).toBe(before);
  });
});
