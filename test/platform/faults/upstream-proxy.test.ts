import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { startSimulator } from "../../../packages/azure-openai-simulator/src/simulator.ts";
import type { Action, Rule } from "../../../scripts/faults/proxy/rule.ts";
import { RunScope, Scopes, tokenOf } from "../../../scripts/faults/proxy/run-scope.ts";
import { startUpstreamProxy } from "../../../scripts/faults/proxy/upstream-proxy.ts";

const scopes = new Scopes();
const stops: (() => Promise<unknown>)[] = [];
let service = "";
let url = "";
let key = "";

beforeAll(async () => {
  const simulator = await startSimulator({ settings: { latency_scale: 0, retry_after_seconds: 0 } });
  const proxy = await startUpstreamProxy(simulator.url, scopes);
  stops.push(
    () => proxy.close(),
    () => simulator.close(),
  );
  [service, url, key] = [simulator.url, proxy.url, simulator.apiKey];
});

afterAll(async () => {
  for (const stop of stops) await stop();
});

let scopesMade = 0;
function armed(match: Rule["match"] = {}, action?: Action): RunScope {
  const rules = action ? [{ name: "planned", match, action }] : [];
  const scope = new RunScope(tokenOf((scopesMade += 1)), scopesMade, rules);
  scopes.add(scope);
  return scope;
}

async function ask(path: string, { token }: RunScope, more: object = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: { "api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ prompt: `A sea ${token} [[image-size=64x64]]`, ...more }),
  });
}
const generate = async (scope: RunScope, more: object = {}) =>
  ask("/openai/deployments/gpt-image/images/generations?api-version=2025-04-01-preview", scope, more);

async function billed({ token }: RunScope): Promise<number> {
  const reply = await fetch(`${service}/simulator/ledger?prompt_includes=${token}`);
  return z.object({ totals: z.object({ images_billed: z.number() }) }).parse(await reply.json()).totals
    .images_billed;
}

it("counts the pictures that came whole, and notes call and answer", async () => {
  const scope = armed();
  await (await generate(scope, { n: 2 })).json();
  expect(scope.answers).toMatchObject([{ place: "generate", status: 200, images: 2, isWhole: true }]);
  expect([...scope.moments.keys()]).toEqual(["called", "answered"]);
});

it("counts a stream's picture once its last event is out", async () => {
  const scope = armed();
  const reply = await generate(scope, { stream: true, partial_images: 1 });
  expect(await reply.text()).toContain("image_generation.completed");
  expect(scope.answers).toMatchObject([{ images: 1, isWhole: true }]);
});

it.each<[what: string, action: Action, bill: number]>([
  ["a reset before the service is asked costs nothing", { kind: "reset" }, 0],
  ["a lost answer is billed", { kind: "lost" }, 1],
  ["an answer cut midway is billed, and was not whole", { kind: "cut", share: 0.5 }, 1],
])("%s", async (_, action, bill) => {
  const scope = armed({ place: "generate" }, action);
  await expect(generate(scope).then(async (reply) => reply.text())).rejects.toThrow();
  expect(await billed(scope)).toBe(bill);
  expect(scope.answers.filter(({ isWhole }) => isWhole)).toEqual([]);
});

it("puts a page in the place of a body, under the same status", async () => {
  const scope = armed({}, { kind: "body", contentType: "text/html", text: "<h1>Busy</h1>" });
  const reply = await generate(scope);
  expect([reply.status, await reply.text()]).toEqual([200, "<h1>Busy</h1>"]);
  expect(await billed(scope)).toBe(1);
});

it("leads operations and links back through itself, so that rules strike them", async () => {
  const scope = armed({ place: "image" }, { kind: "status", status: 404 });
  const submit = "/openai/images/generations:submit?api-version=2023-06-01-preview";
  const submitted = await ask(submit, scope, { size: "256x256" });
  const operation = submitted.headers.get("operation-location") ?? "";
  expect(operation.startsWith(url)).toBe(true);
  const shape = z.object({ result: z.object({ data: z.array(z.object({ url: z.string() })) }) });
  const link = await expect
    .poll(async () => {
      const poll = await fetch(operation, { headers: { "api-key": key } });
      return shape.safeParse(await poll.json()).data?.result.data[0]?.url;
    })
    .toBeDefined()
    .then(async () => {
      const poll = await fetch(operation, { headers: { "api-key": key } });
      return shape.parse(await poll.json()).result.data[0]?.url ?? "";
    });
  expect(link.startsWith(url)).toBe(true);
  expect((await fetch(link)).status).toBe(404);
  expect((await fetch(link)).status).toBe(200);
});
