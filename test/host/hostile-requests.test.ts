import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const darkroom = useDarkroom();
const callerKey = () => darkroom.running.key ?? "";

interface Raw {
  target?: string;
  method?: string;
  headers?: string[];
  body?: string;
  /** Milliseconds after which the connection is reset. */
  resetAfter?: number;
}

/** Sends bytes as they are. Resolves with the status, or 0 where the connection was reset. */
function send({ target = "/api/models", method = "GET", headers = [], body = "", resetAfter }: Raw) {
  const { port, host } = new URL(darkroom.running.url);
  const length =
    body === "" ? [] : ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`];
  const head = [`${method} ${target} HTTP/1.1`, `host: ${host}`, "connection: close", ...length, ...headers];
  return new Promise<{ status: number; text: string }>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
      if (resetAfter !== undefined) setTimeout(() => socket.resetAndDestroy(), resetAfter);
    });
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text }));
  });
}

const forged = () => encodeURIComponent(JSON.stringify({ "api-key": callerKey() }));
const many = (bytes: number) => Array.from({ length: bytes / 1_000 }, (_, n) => `x-${n}: ${"a".repeat(990)}`);

const kinds: Record<string, () => Raw> = {
  "a header value outside ASCII": () => ({ headers: ["user-agent: 😀"] }),
  "an idempotency key outside ASCII": () => ({ headers: ["idempotency-key: Ключ"] }),
  "headers of 20 KB": () => ({ headers: many(20_000) }),
  "headers of 30 KB": () => ({ headers: many(30_000) }),
  "headers of 40 KB": () => ({ headers: many(40_000) }),
  "an id that the host gives": () => ({ headers: ["x-ms-invocation-id: mine"] }),
  // The library emits an event of that name.
  "an id that would end the process": () => ({ headers: ["x-ms-invocation-id: error"] }),
  "an id that every object has": () => ({ headers: ["x-ms-invocation-id: __proto__"] }),
  "a reset": () => ({ headers: [`api-key: ${callerKey()}`], resetAfter: randomInt(31) }),
  "Headers in the query": () => ({ target: `/api/models?Headers=${forged()}` }),
  "headers in the query": () => ({ target: `/api/models?headers=${forged()}` }),
  "a bad name in Headers": () => ({ target: "/api/models?Headers=%7B%22bad%20name%22%3A%22x%22%7D" }),
  "Headers in the body": () => ({
    target: "/api/images/generations",
    method: "POST",
    body: JSON.stringify({ prompt: "x", HEADERS: JSON.stringify({ "api-key": callerKey() }) }),
  }),
};

describe("among 500 hostile requests", () => {
  it("each is answered, none is believed, none outlives half a minute, and nobody else's is lost", async () => {
    const names = Object.keys(kinds);
    const wanted = Array.from({ length: 500 }, (_, index) => names[index % names.length] ?? "");
    const others: Promise<Response>[] = [];
    const answers = await Promise.all(
      wanted.map(async (name, index) => {
        // Ten at a time: the others' requests are to be among them.
        await sleep(10 * Math.floor(index / 10));
        if (index % 20 === 0) {
          others.push(fetch(`${darkroom.running.url}/api/models`, { headers: { "api-key": callerKey() } }));
        }
        return { name, status: (await send(kinds[name]?.() ?? {})).status };
      }),
    );
    const answered = answers.filter(({ name }) => name !== "a reset");
    expect(answered.filter(({ status }) => status < 400)).toEqual([]);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 200));

    const ended = () => [
      ...darkroom.log.matchAll(/Executed 'Functions\.[\w-]+' \(\w+, Id=([\w-]+), Duration=(\d+)ms\)/g),
    ];
    const begun = [
      ...darkroom.log.matchAll(/Executing 'Functions\.[\w-]+' \(Reason='[^']*', Id=([\w-]+)\)/g),
    ];
    const isOpen = () => {
      const ids = new Set(ended().map(([, id]) => id));
      return begun.some(([, id]) => !ids.has(id));
    };
    while (isOpen()) await sleep(100);
    expect(Math.max(...ended().map(([, , duration]) => Number(duration)))).toBeLessThan(30_000);
  });
});

describe("an address or a method that isn't served", () => {
  const key = () => ({ "api-key": callerKey() });

  it.each([
    ["GET", "/nothing", 404, null],
    ["DELETE", "/api/nothing/at/all", 404, null],
    ["PUT", "/api/jobs", 405, "GET, HEAD"],
    ["GET", "/api/images/generations", 405, "POST"],
    ["PATCH", "/api/jobs/job_x", 405, "DELETE, GET, HEAD"],
    ["POST", "/", 405, "GET, HEAD"],
    ["GET", "/api/connector/nothing", 404, null],
  ])("%s %s is answered in JSON, with %i", async (method, path, status, allow) => {
    const response = await fetch(darkroom.running.url + path, { method, headers: key() });
    expect([response.status, response.headers.get("allow")]).toEqual([status, allow]);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) as string } });
  });

  it.each([
    "/",
    "/api/health",
    "/openapi.json",
    "/connector.swagger.json",
    "/api/models",
    "/api/jobs",
    "/nothing",
  ])("HEAD %s answers as GET does, without a body", async (path) => {
    const [get, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => fetch(darkroom.running.url + path, { method, headers: key() })),
    );
    expect([head?.status, await head?.text()]).toEqual([get?.status, ""]);
    expect(head?.headers.get("content-type")).toBe(get?.headers.get("content-type"));
  });
});

it("a query name that differs from a route's parameter in case alone leaves the path its word", async () => {
  const job = await fetch(`${darkroom.running.url}/api/images/generations`, {
    method: "POST",
    headers: { "api-key": callerKey(), "content-type": "application/json" },
    body: JSON.stringify({ prompt: "a fox", model: "dall-e-3" }),
  });
  const { id } = (await job.json()) as { id: string };
  const read = await fetch(`${darkroom.running.url}/api/jobs/${id}?ID=job_other`, {
    headers: { "api-key": callerKey() },
  });
  expect([read.status, await read.json()]).toMatchObject([200, { id }]);
  const cancel = await fetch(`${darkroom.running.url}/api/jobs/${id}/cancel?ID=job_other`, {
    method: "POST",
    headers: { "api-key": callerKey() },
  });
  expect([200, 202, 409]).toContain(cancel.status);
});
