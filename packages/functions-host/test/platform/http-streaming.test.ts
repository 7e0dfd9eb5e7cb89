import { request } from "node:http";
import { connect } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { eventually, seen, useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
let host: HostProcess;
beforeAll(async () => {
  host = await hosts.start();
});

test("request and response pass with method, address, headers, body, status and cookies", async () => {
  const response = await fetch(`${host.url}/echo?x=1&x=2`, {
    method: "POST",
    body: "hello",
    headers: { "x-ask": "yes" },
  });
  expect(response.status).toBe(201);
  expect(response.headers.get("x-echo")).toBe("yes");
  expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/"]);
  expect(await response.json()).toEqual({ url: `${host.url}/echo?x=1&x=2`, method: "POST", length: 5 });
});

test("a chunked request body of many megabytes arrives whole", async () => {
  const megabyte = new Uint8Array(1024 * 1024);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let count = 0; count < 20; count += 1) controller.enqueue(megabyte);
      controller.close();
    },
  });
  const response = await fetch(`${host.url}/echo`, { method: "POST", body, duplex: "half" });
  expect(await response.json()).toMatchObject({ length: 20 * 1024 * 1024 });
});

test("a response of fifty megabytes arrives whole", async () => {
  const response = await fetch(`${host.url}/large/50`);
  expect((await response.arrayBuffer()).byteLength).toBe(50 * 1024 * 1024);
});

test("a response that comes in pieces is passed on piece by piece", async () => {
  const response = await fetch(`${host.url}/ticks`);
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  for await (const piece of response.body! as AsyncIterable<Uint8Array>) pieces.push(decoder.decode(piece));
  expect(pieces.join("")).toBe("data: 0\n\ndata: 1\n\ndata: 2\n\n");
  expect(pieces.length).toBeGreaterThan(1);
});

test("a handler that throws gives 500, an empty body and a loud line in the log", async () => {
  const response = await fetch(`${host.url}/throws`, { method: "POST", body: "unread" });
  expect(response.status).toBe(500);
  expect(await response.text()).toBe("");
  await host.printed("HTTP function 'throws' threw. In streaming mode the library then never answers");
  expect(host.output()).toContain("Executed 'Functions.throws' (Failed, Id=");
  expect(host.output()).toContain("Exception: broken handler");
});

test("a handler that returns nothing gives 500 and a loud line in the log", async () => {
  const response = await fetch(`${host.url}/nothing`);
  expect(response.status).toBe(500);
  await host.printed("HTTP function 'nothing' returned nothing.");
});

test("a client that hangs up in the middle of a response leaves the host well", async () => {
  const gone = new AbortController();
  const response = await fetch(`${host.url}/endless`, { signal: gone.signal });
  await response.body!.getReader().read();
  gone.abort();
  expect((await fetch(`${host.url}/echo`)).status).toBe(201);
});

test("a client that hangs up in the middle of a request leaves the host well", async () => {
  await new Promise<void>((resolve) => {
    const upload = request(`${host.url}/echo`, { method: "POST", headers: { "content-length": 1000 } });
    upload.on("error", () => resolve());
    upload.write("only the beginning", () => upload.destroy());
    upload.on("close", resolve);
  });
  expect((await fetch(`${host.url}/echo`)).status).toBe(201);
});

test("a client that hangs up before the answer is a failed call, as on the real host, and leaves the host well", async () => {
  const gone = new AbortController();
  const slow = fetch(`${host.url}/slow`, { signal: gone.signal }).catch(() => "gone");
  await eventually(
    () => seen(host.url),
    (notes) => notes.includes("slow started"),
  );
  gone.abort();
  expect(await slow).toBe("gone");
  await host.printed("Exception: Failed to proxy request with ForwarderError:");
  expect(host.output()).toContain("Executed 'Functions.slow' (Failed, Id=");
  expect((await fetch(`${host.url}/echo`)).status).toBe(201);
});

test("nonsense instead of HTTP is answered and forgotten", async () => {
  const { port } = new URL(host.url);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("nonsense\r\n\r\n"));
    socket.on("data", (data) => resolve(data.toString()));
  });
  expect(answer).toContain("400 Bad Request");
  expect((await fetch(`${host.url}/echo`)).status).toBe(201);
});

test("a body longer than allowed gives 500, announced or not", async () => {
  const small = await hosts.start({ env: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "1000" } });
  const tooLong = await fetch(`${small.url}/echo`, { method: "POST", body: "x".repeat(1001) });
  expect(tooLong.status).toBe(500);
  const unannounced = new Blob(["x".repeat(1001)]).stream();
  const chunked = await fetch(`${small.url}/echo`, {
    method: "POST",
    body: unannounced,
    duplex: "half",
  });
  expect(chunked.status).toBe(500);
  expect((await fetch(`${small.url}/echo`, { method: "POST", body: "x".repeat(1000) })).status).toBe(201);
});

test("each call is logged as the real host does, user lines bare and one under the other", async () => {
  expect(await (await fetch(`${host.url}/logs`)).text()).toBe("logged");
  await host.printed("Executed 'Functions.logs' (Succeeded");
  const lines = host.output().split("\n");
  const time = String.raw`\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\]`;
  const id = "[0-9a-f-]{36}";
  const reason = "This function was programmatically called via the host APIs\\.";
  const start = lines.findIndex((line) => line.includes("Executing 'Functions.logs'"));
  expect(lines[start]).toMatch(
    new RegExp(`^${time} Executing 'Functions\\.logs' \\(Reason='${reason}', Id=${id}\\)$`),
  );
  expect(lines[start + 1]).toMatch(new RegExp(`^${time} two$`));
  expect(lines[start + 2]).toMatch(new RegExp(`^${time} lines \\{ and: 'a value' \\}$`));
  expect(lines[start + 3]).toMatch(
    new RegExp(`^${time} Executed 'Functions\\.logs' \\(Succeeded, Id=${id}, Duration=\\d+ms\\)$`),
  );
});
