import { beforeAll, expect, test } from "vitest";
import { useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
let host: HostProcess;
beforeAll(async () => {
  host = await hosts.start({ mode: "rpc" });
});

test("request and response pass with method, address, headers, body, status and cookies", async () => {
  const response = await fetch(`${host.url}/echo?x=1`, {
    method: "POST",
    body: "hello",
    headers: { "x-ask": "yes" },
  });
  expect(response.status).toBe(201);
  expect(response.headers.get("x-echo")).toBe("yes");
  expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/"]);
  expect(await response.json()).toEqual({ url: `${host.url}/echo?x=1`, method: "POST", length: 5 });
});

test("route values and query arrive", async () => {
  expect(await (await fetch(`${host.url}/items/a%20b?q=1`)).json()).toEqual({
    answeredBy: "getItem",
    params: { id: "a b" },
    query: [["q", "1"]],
  });
});

test("a chunked body arrives empty, as on the real host", async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("hello"));
      controller.close();
    },
  });
  const response = await fetch(`${host.url}/echo`, { method: "POST", body, duplex: "half" });
  expect(await response.json()).toMatchObject({ length: 0 });
});

test("a handler that returns nothing gives 204, one that throws an empty 500", async () => {
  expect((await fetch(`${host.url}/nothing`)).status).toBe(204);
  const response = await fetch(`${host.url}/throws`);
  expect([response.status, await response.text()]).toEqual([500, ""]);
});
