import { join } from "node:path";
import { expect, test } from "vitest";
import { readRecordedInstances } from "../../src/durable/journal.ts";
import { eventually, useHosts } from "./host-process.ts";

const hosts = useHosts();

const oneLong = (milliseconds: number) => JSON.stringify({ count: 1, milliseconds });
const begin = async (url: string, id: string, body: string) =>
  expect((await fetch(`${url}/start/fanOut?id=${id}`, { method: "POST", body })).status).toBe(202);
const stateOf = async (url: string, id: string) =>
  ((await (await fetch(`${url}/jobs/${id}`)).json()) as { runtimeStatus: string }).runtimeStatus;

test("what a killed host was working on stays hidden from the next one, which works on all else", async () => {
  const data = hosts.newFolder();
  const env = { LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "600" };
  const first = await hosts.start({ data, env });
  await begin(first.url, "hidden", oneLong(1_000));
  await first.printed("Executing 'Functions.double'");
  first.signal("SIGKILL");
  await first.exited;
  const next = await hosts.start({ data, env });
  await begin(next.url, "later", oneLong(10));
  await eventually(
    () => stateOf(next.url, "later"),
    (state) => state === "Completed",
  );
  expect(await stateOf(next.url, "hidden")).toBe("Running");
});

test("a host that is told to end hands back at once what it could not finish", async () => {
  const data = hosts.newFolder();
  const env = { LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "600" };
  const first = await hosts.start({ data, env });
  // Longer than an ending host waits.
  await begin(first.url, "handed-back", oneLong(20_000));
  await first.printed("Executing 'Functions.double'");
  first.signal("SIGTERM");
  expect(await first.exited).toBe(0);
  const next = await hosts.start({ data, env });
  await next.printed("Executing 'Functions.double'");
});

test(
  "orchestrations survive a host killed again and again, and all end with the right result",
  { timeout: 120_000 },
  async () => {
    const data = hosts.newFolder();
    const count = 20;
    let host = await hosts.start({ data });
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`${host.url}/start/fanOut?id=job-${index}`, {
        method: "POST",
        body: JSON.stringify({ count: 1 + (index % 4), milliseconds: 40 + 30 * index }),
      });
      expect(response.status).toBe(202);
    }
    for (let kill = 0; kill < 6; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      host.signal("SIGKILL");
      await host.exited;
      host = await hosts.start({ data });
    }
    for (let index = 0; index < count; index += 1) {
      const status = await eventually(
        async () => (await (await fetch(`${host.url}/jobs/job-${index}`)).json()) as Record<string, unknown>,
        ({ runtimeStatus }) => runtimeStatus !== "Running" && runtimeStatus !== "Pending",
      );
      // Sum of 0..n, doubled twice on the way.
      const n = index % 4;
      expect(status).toMatchObject({ runtimeStatus: "Completed", output: 2 * n * (n + 1) });
    }
    host.signal("SIGTERM");
    expect(await host.exited).toBe(0);

    const recorded = readRecordedInstances(join(data, "durable"));
    expect(recorded.filter(({ header }) => header.name === "fanOut")).toHaveLength(count);
    for (const { history } of recorded) {
      const ended = history.flatMap((event) => ("TaskScheduledId" in event ? [event.TaskScheduledId] : []));
      expect(new Set(ended).size).toBe(ended.length);
    }
  },
);
