import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually, NeverReady, seen, useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
afterEach(() => hosts.killAll());

interface Status {
  runtimeStatus: string;
  output: unknown;
}

/** A hub and the instances attached to it, each a process of its own. */
async function startShared(count: number, env: Record<string, string> = {}) {
  const data = hosts.newFolder();
  const hub = await hosts.start({ hub: true, data, env });
  const attach = () => hosts.start({ data, args: ["--attach"], env });
  const instances: HostProcess[] = [];
  for (let each = 0; each < count; each += 1) instances.push(await attach());
  return { data, hub, attach, instances };
}
const [shortVisibility, longVisibility] = ["1", "600"].map((LOCAL_HOST_DURABLE_VISIBILITY_SECONDS) => ({
  LOCAL_HOST_DURABLE_VISIBILITY_SECONDS,
}));

async function start(
  host: HostProcess | undefined,
  name: string,
  id: string,
  input?: object,
): Promise<Response> {
  return fetch(`${host?.url ?? ""}/start/${name}?id=${id}`, {
    method: "POST",
    ...(input && { body: JSON.stringify(input) }),
  });
}
const statusOf = async (host: HostProcess | undefined, id: string): Promise<Status> =>
  (await (await fetch(`${host?.url ?? ""}/jobs/${id}`)).json()) as Status;
const ended = (host: HostProcess | undefined, id: string): Promise<Status> =>
  eventually(
    () => statusOf(host, id),
    ({ runtimeStatus }) => !["Pending", "Running"].includes(runtimeStatus),
  );
const runsOf = (host: HostProcess | undefined, name: string): number =>
  (host?.output() ?? "").split(`Executing 'Functions.${name}'`).length - 1;

test("two instances share the work of one hub, and each answers for all of it", async () => {
  const { instances } = await startShared(2);
  const ids = Array.from({ length: 6 }, (_, index) => `job-${index}`);
  for (const [index, id] of ids.entries()) {
    expect((await start(instances[index % 2], "fanOut", id, { count: 4, milliseconds: 50 })).status).toBe(
      202,
    );
  }
  for (const id of ids) {
    expect(await ended(instances[0], id)).toMatchObject({ runtimeStatus: "Completed", output: 24 });
    expect(await statusOf(instances[1], id)).toEqual(await statusOf(instances[0], id));
  }
  for (const instance of instances) {
    expect(runsOf(instance, "double")).toBeGreaterThan(0);
    expect(runsOf(instance, "fanOut")).toBeGreaterThan(0);
  }
  // Each activity ran once: four of the first kind and four that add up, for each job.
  expect(runsOf(instances[0], "double") + runsOf(instances[1], "double")).toBe(ids.length * 8);
});
