import { createServer } from "node:http";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually, NeverReady, seen, useHosts } from "./host-process.ts";
import type { HostOptions } from "./host-process.ts";

const hosts = useHosts();
afterEach(() => hosts.killAll());

async function refusal(options: HostOptions): Promise<NeverReady> {
  try {
    await hosts.start(options);
  } catch (error) {
    if (error instanceof NeverReady) return error;
    throw error;
  }
  throw new Error("The host started.");
}

test("the host says when it is ready and where", async () => {
  const host = await hosts.start();
  expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await host.printed(`Host ready on ${host.url}`);
});

test("an app that throws while loading ends the host with its message and where it came from", async () => {
  const { code, output } = await refusal({ mode: "throws" });
  expect(code).toBe(1);
  expect(output).toMatch(/^Error: the app cannot start\n {4}at /m);
});

test("a configuration error is told in its own words, once, and nothing else", async () => {
  const { code, output } = await refusal({ mode: "misconfigured" });
  expect(code).toBe(1);
  expect(output).toBe("IMAGE_SETTING is missing.\n");
});

test("a storage function without storage is a configuration error", async () => {
  const { output } = await refusal({
    mode: "triggers",
    env: { QUEUE_NAME: "work", CONTAINER_NAME: "inbox", AzureWebJobsStorage: "" },
  });
  expect(output).toContain("the setting AzureWebJobsStorage with its connection string is missing");
  expect(output).not.toContain("    at ");
});

test("a port that is taken ends the host", async () => {
  const rival = createServer();
  const port = await new Promise<number>((resolve) => {
    rival.listen(0, "127.0.0.1", () => resolve((rival.address() as { port: number }).port));
  });
  const { code, output } = await refusal({ port });
  rival.close();
  expect(code).toBe(1);
  expect(output).toContain("EADDRINUSE");
});

test("missing arguments are told with the usage", async () => {
  const { output } = await refusal({ args: ["--port", "x"] });
  expect(output).toBe(
    "Usage: node packages/functions-host/src/main.ts --app DIR --port N --data DIR [--host ADDRESS] [--enforce-keys] [--attach]\n",
  );
});

test("a second host on the same data folder is refused, and one after a killed host is not", async () => {
  const first = await hosts.start();
  const { code, output } = await refusal({ data: first.data });
  expect(code).toBe(1);
  expect(output).toContain(`is in use by another host (process ${first.pid}).`);
  first.signal("SIGKILL");
  await first.exited;
  const next = await hosts.start({ data: first.data });
  expect(next.url).not.toBe("");
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets the calls in flight finish, takes no new ones and ends with 0",
  async (signal) => {
    const host = await hosts.start();
    const slow = fetch(`${host.url}/slow`);
    await eventually(
      () => seen(host.url),
      (notes) => notes.includes("slow started"),
    );
    host.signal(signal);
    await eventually(
      () =>
        fetch(`${host.url}/echo`).then(
          () => "answered",
          () => "refused",
        ),
      (answer) => answer === "refused",
    );
    expect(await (await slow).text()).toBe("slow");
    expect(await host.exited).toBe(0);
  },
);

test("a host whose parent goes away drains and ends by itself", async () => {
  const host = await hosts.start();
  const slow = fetch(`${host.url}/slow`);
  await eventually(
    () => seen(host.url),
    (notes) => notes.includes("slow started"),
  );
  host.disconnect();
  expect(await (await slow).text()).toBe("slow");
  expect(await host.exited).toBe(0);
});

test("an exception outside any call ends the host with 1", async () => {
  const host = await hosts.start();
  await fetch(`${host.url}/crash`, { method: "POST" }).catch(() => undefined);
  expect(await host.exited).toBe(1);
  expect(host.output()).toContain("crash outside any call");
});

test("an orchestration goes on where a drained host left it", async () => {
  const host = await hosts.start();
  await fetch(`${host.url}/start/waitForGo?id=kept`, { method: "POST" });
  host.signal("SIGTERM");
  await host.exited;
  const next = await hosts.start({ data: host.data });
  await fetch(`${next.url}/jobs/kept/raise/go`, { method: "POST", body: '"after"' });
  const status = await eventually(
    async () =>
      (await (await fetch(`${next.url}/jobs/kept`)).json()) as { runtimeStatus: string; output: unknown },
    ({ runtimeStatus }) => runtimeStatus === "Completed",
  );
  expect(status.output).toBe("after");
});

test("a torn last line in the journal is dropped, damage before it is an error that names the line", async () => {
  const host = await hosts.start();
  await fetch(`${host.url}/start/waitForGo?id=kept`, { method: "POST" });
  host.signal("SIGKILL");
  await host.exited;
  const journal = join(host.data, "durable", "journal.jsonl");
  appendFileSync(journal, '[{"op":"purge","id":"ke');
  const next = await hosts.start({ data: host.data });
  expect((await fetch(`${next.url}/jobs/kept`)).status).toBe(200);
  next.signal("SIGKILL");
  await next.exited;
  const lines = readFileSync(journal, "utf8").split("\n").length;
  appendFileSync(journal, "not json\n[]\n");
  expect((await refusal({ data: host.data })).output).toContain(`is damaged at line ${lines}`);
});
