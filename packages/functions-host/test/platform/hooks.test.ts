import { beforeAll, expect, test } from "vitest";
import { seen, useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
let host: HostProcess;
beforeAll(async () => {
  host = await hosts.start({ mode: "hooks" });
});

test("a start hook runs before any call", async () => {
  expect((await seen(host.url))[0]).toBe("appStart");
});

test("hooks can replace the handler and the result, and share data within a call", async () => {
  expect(await (await fetch(`${host.url}/hooked`)).text()).toBe("changed by a hook");
  expect(await seen(host.url)).toEqual(expect.arrayContaining(["replaced handler", "post sees pre"]));
});

test("a hook can turn an error into an answer", async () => {
  const response = await fetch(`${host.url}/rescued`);
  expect([response.status, await response.text()]).toEqual([200, "rescued"]);
  expect(await seen(host.url)).toContain("post sees error lost");
});

test("a log hook edits the app's lines and no others, and may break without costing a line", async () => {
  await fetch(`${host.url}/hooked`);
  await host.printed("[edited] from the handler");
  expect(host.output()).toMatch(/\] \[edited\] (breaks the hook)/);
  expect(host.output()).not.toContain("[edited] Executing");
});

test("a terminate hook runs at the end, with the data of the start hook", async () => {
  const own = await hosts.start({ mode: "hooks" });
  own.signal("SIGTERM");
  expect(await own.exited).toBe(0);
  expect(own.output()).toContain("appTerminate after start: true");
});
