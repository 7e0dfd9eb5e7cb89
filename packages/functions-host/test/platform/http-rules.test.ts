import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type HostKeys, loadKeys } from "../../src/keys.ts";
import { useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
let host: HostProcess;
let strict: HostProcess;
let keys: HostKeys;
beforeAll(async () => {
  [host, strict] = await Promise.all([hosts.start(), hosts.start({ args: ["--enforce-keys"] })]);
  keys = loadKeys(strict.data);
});

const asAdmin = async (path: string, init: RequestInit = {}) =>
  fetch(`${host.url}${path}`, { ...init, headers: { "x-functions-key": loadKeys(host.data).master } });
const statusOf = async (path: string, init?: RequestInit) => (await fetch(path, init)).status;

test("the app's own function answers for the root", async () => {
  expect(await (await fetch(`${host.url}/`)).json()).toMatchObject({ answeredBy: "root" });
});

test("routes are tried in the order of function names", async () => {
  expect(await (await fetch(`${host.url}/items/search`)).json()).toMatchObject({
    answeredBy: "getItem",
    params: { id: "search" },
  });
});

test("an unknown path and a wrong method are both 404, with no body", async () => {
  for (const [path, method] of [
    ["/absent", "GET"],
    ["/items/1", "DELETE"],
    ["/start/empty", "GET"],
    ["/", "POST"],
  ] as const) {
    const response = await fetch(`${host.url}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([404, ""]);
  }
});

test("a path that cannot be decoded is a bad request", async () => {
  expect(await statusOf(`${host.url}/items/%ff`)).toBe(400);
});

test.each([
  ["a request line of 9 KB", `/items/${"a".repeat(9_000)}`, {}, 414],
  ["headers of 40 KB", "/items/1", { "x-long": "a".repeat(40_000) }, 431],
  ["a NUL in the path", "/items/%00", {}, 400],
])("%s is refused with its own status, and no body", async (_what, path, headers, status) => {
  const response = await fetch(`${host.url}${path}`, { headers });
  expect([response.status, await response.text()]).toEqual([status, ""]);
});

test("a target that names another host is a bad request and no forwarding", async () => {
  const status = await new Promise((resolve) => {
    request(host.url, { path: "http://example.invalid/items/1" }, ({ statusCode }) =>
      resolve(statusCode),
    ).end();
  });
  expect(status).toBe(400);
});

test("without enforcement every function is open", async () => {
  expect(await statusOf(`${host.url}/locked`)).toBe(200);
});

test("with enforcement a function of level function wants a key, from header or query", async () => {
  expect(await statusOf(`${strict.url}/locked`)).toBe(401);
  expect(await statusOf(`${strict.url}/locked?code=wrong`)).toBe(401);
  expect(await statusOf(`${strict.url}/locked?code=${keys.host}`)).toBe(200);
  expect(await statusOf(`${strict.url}/locked`, { headers: { "x-functions-key": keys.master } })).toBe(200);
  expect(await statusOf(`${strict.url}/items/1`)).toBe(200);
});

test("the admin API wants the master key, whether keys are enforced or not, but for a ping", async () => {
  for (const { url, data } of [host, strict]) {
    const own = loadKeys(data);
    for (const path of ["host/status", "functions", "functions/double", "absent"]) {
      for (const credentials of ["", `?code=${own.host}`, `?code=${own.system.durabletask_extension}`]) {
        const reply = await fetch(`${url}/admin/${path}${credentials}`);
        expect([path, reply.status, await reply.text()]).toEqual([path, 401, ""]);
      }
    }
    expect(await statusOf(`${url}/admin/functions/double`, { method: "POST", body: "{}" })).toBe(401);
    expect(await statusOf(`${url}/admin/host/status?code=${own.master}`)).toBe(200);
    expect(await statusOf(`${url}/admin/host/ping`)).toBe(200);
  }
});

test("the durable webhook wants its key even where keys are not enforced", async () => {
  const path = `${host.url}/runtime/webhooks/durabletask/instances/none`;
  const own = loadKeys(host.data);
  expect(await statusOf(path)).toBe(401);
  expect(await statusOf(`${path}?code=${own.host}`)).toBe(401);
  expect(await statusOf(`${path}?code=${own.system.durabletask_extension}`)).toBe(404);
});

test("keys stay the same over a restart", async () => {
  const before = readFileSync(join(strict.data, "keys.json"), "utf8");
  strict.signal("SIGTERM");
  await strict.exited;
  strict = await hosts.start({ args: ["--enforce-keys"], data: strict.data });
  expect(readFileSync(join(strict.data, "keys.json"), "utf8")).toBe(before);
});

test("the status tells that the host is running", async () => {
  expect(await (await asAdmin("/admin/host/status")).json()).toMatchObject({
    state: "Running",
    version: expect.stringMatching(/^4\./) as string,
  });
});

test("the list of functions tells each function's name, bindings and address", async () => {
  const list = (await (await asAdmin("/admin/functions")).json()) as { name: string }[];
  expect(list.find(({ name }) => name === "getItem")).toMatchObject({
    invoke_url_template: expect.stringMatching(/^http:\/\/localhost:\d+\/items\/\{id\}$/) as string,
    config: {
      bindings: expect.arrayContaining([expect.objectContaining({ type: "httpTrigger" })]) as unknown,
    },
  });
});

test("a function can be run by hand, and an unknown one is 404", async () => {
  expect((await asAdmin("/admin/functions/absent", { method: "POST", body: "{}" })).status).toBe(404);
  const body = JSON.stringify({ input: '{"value":4,"milliseconds":1}' });
  expect((await asAdmin("/admin/functions/double", { method: "POST", body })).status).toBe(202);
  await host.printed("Executed 'Functions.double' (Succeeded");
});

test.each([
  ["WEBSITE_HOSTNAME", /^localhost:\d+$/],
  ["AZURE_FUNCTIONS_ENVIRONMENT", /^Development$/],
  ["FUNCTIONS_WORKER_RUNTIME", /^node$/],
  ["AzureWebJobsScriptRoot", /host-app$/],
])("the app finds %s in its environment", async (name, value) => {
  expect(await (await fetch(`${host.url}/environment/${name}`)).json()).toMatch(value);
});
