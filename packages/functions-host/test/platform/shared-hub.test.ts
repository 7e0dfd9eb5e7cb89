import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually, NeverReady, useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

const hosts = useHosts();
afterEach(() => hosts.killAll());

interface Status {
  runtimeStatus: string;
  output: unknown;
}

/** A hub and the instances attached to it, each a process of its own. */
async function startShared(settings: { visibilitySeconds?: number; mode?: string } = {}) {
  const data = hosts.newFolder();
  const { visibilitySeconds, mode } = settings;
  const env: Record<string, string> =
    visibilitySeconds === undefined ? {} : { LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: `${visibilitySeconds}` };
  const hub = await hosts.start({ hub: true, data, env });
  const attach = () => hosts.start({ data, args: ["--attach"], ...(mode && { mode }) });
  const [one, two] = await Promise.all([attach(), attach()]);
  return { data, hub, one, two, attach };
}

async function start(host: HostProcess, name: string, id: string, input?: object): Promise<Response> {
  const body = input && { body: JSON.stringify(input) };
  return fetch(`${host.url}/start/${name}?id=${id}`, { method: "POST", ...body });
}
const statusOf = async (host: HostProcess, id: string): Promise<Status> =>
  (await (await fetch(`${host.url}/jobs/${id}`)).json()) as Status;
const ended = (host: HostProcess, id: string): Promise<Status> =>
  eventually(
    () => statusOf(host, id),
    ({ runtimeStatus }) => !["Pending", "Running"].includes(runtimeStatus),
  );
const runsOf = (host: HostProcess, name: string): number =>
  host.output().split(`Executing 'Functions.${name}'`).length - 1;
/** The instance that an activity is running on, and the other. */
const whoRuns = (one: HostProcess, two: HostProcess, name: string): Promise<[HostProcess, HostProcess]> =>
  Promise.race([
    one.printed(`Executing 'Functions.${name}'`).then((): [HostProcess, HostProcess] => [one, two]),
    two.printed(`Executing 'Functions.${name}'`).then((): [HostProcess, HostProcess] => [two, one]),
  ]);

test("two instances share the work of one hub, and each answers for all of it", async () => {
  const { one, two } = await startShared();
  const ids = Array.from({ length: 6 }, (_, index) => `job-${index}`);
  for (const [index, id] of ids.entries()) {
    const input = { count: 4, milliseconds: 50 };
    expect((await start(index % 2 === 0 ? one : two, "fanOut", id, input)).status).toBe(202);
  }
  for (const id of ids) {
    expect(await ended(one, id)).toMatchObject({ runtimeStatus: "Completed", output: 24 });
    expect(await statusOf(two, id)).toEqual(await statusOf(one, id));
  }
  for (const each of [one, two]) {
    expect(runsOf(each, "double")).toBeGreaterThan(0);
    expect(runsOf(each, "fanOut")).toBeGreaterThan(0);
  }
  // Each activity ran once: four of the first kind and four that add up, for each job.
  expect(runsOf(one, "double") + runsOf(two, "double")).toBe(ids.length * 8);
});

test("an id in use is refused, an event is heard and an end is seen, whichever instance is asked", async () => {
  const { one, two } = await startShared();
  expect((await start(one, "waitForGo", "both")).status).toBe(202);
  const again = await start(two, "waitForGo", "both");
  expect(again.status).toBe(500);
  await fetch(`${two.url}/jobs/both/raise/go`, { method: "POST", body: '"told"' });
  expect(await ended(one, "both")).toMatchObject({ runtimeStatus: "Completed", output: "told" });
  // Its links lead to the instance that was asked.
  const links = (await (await start(two, "empty", "linked")).json()) as { statusQueryGetUri: string };
  expect(new URL(links.statusQueryGetUri).port).toBe(new URL(two.url).port);
  await ended(one, "linked");
  expect((await fetch(links.statusQueryGetUri, { method: "DELETE" })).status).toBe(200);
  expect((await fetch(links.statusQueryGetUri)).status).toBe(404);
});

test("what a killed instance was working on is taken up by the other at once", async () => {
  const { one, two } = await startShared();
  await start(one, "fanOut", "taken-up", { count: 1, milliseconds: 1500 });
  const [working, other] = await whoRuns(one, two, "double");
  working.signal("SIGKILL");
  expect(await ended(other, "taken-up")).toMatchObject({ runtimeStatus: "Completed", output: 0 });
  expect(runsOf(other, "double")).toBe(2);
});

test("a killed instance's work stays hidden for as long as the setting says", async () => {
  const { hub, one, two } = await startShared({ visibilitySeconds: 600 });
  await start(one, "fanOut", "hidden", { count: 1, milliseconds: 1000 });
  const [working, other] = await whoRuns(one, two, "double");
  working.signal("SIGKILL");
  await hub.printed(`instance ${working.pid} is gone`);
  // Whatever comes later runs, and the hidden activity doesn't.
  await start(other, "fanOut", "later", { count: 1, milliseconds: 10 });
  await ended(other, "later");
  expect(hub.output()).not.toContain("is visible again");
  expect((await statusOf(other, "hidden")).runtimeStatus).toBe("Running");
});

test("an instance that hangs loses its work after a while, and what it tells too late is ignored", async () => {
  // Long enough for a busy machine to stop the instance while it works, and for the other to keep its own message.
  const { hub, one, two } = await startShared({ visibilitySeconds: 3 });
  await start(one, "fanOut", "twice", { count: 1, milliseconds: 2000 });
  const [working, other] = await whoRuns(one, two, "double");
  working.signal("SIGSTOP");
  expect(await ended(other, "twice")).toMatchObject({ runtimeStatus: "Completed", output: 0 });
  working.signal("SIGCONT");
  await hub.printed(`activity 'double' ended on instance ${working.pid} too late and is ignored`);
  const recorded = (await statusOf(working, "twice")) as object;
  expect(recorded).toMatchObject({ runtimeStatus: "Completed", output: 0 });
  // It works on afterwards: which part of the work it is given, the order of the others decides.
  const executions = () => Promise.resolve(working.output().split("Executing 'Functions.").length);
  const before = await executions();
  for (const id of ["a", "b", "c"]) {
    await start(other, "fanOut", id, { count: 4, milliseconds: 10 });
    await ended(other, id);
  }
  await eventually(executions, (count) => count > before);
});

test("an activity that takes longer than the visibility time runs once where its instance lives", async () => {
  const { one, two } = await startShared({ visibilitySeconds: 1 });
  await start(one, "fanOut", "long", { count: 1, milliseconds: 2500 });
  expect(await ended(two, "long")).toMatchObject({ runtimeStatus: "Completed" });
  expect(runsOf(one, "double") + runsOf(two, "double")).toBe(2);
});

test("SIGTERM lets an instance finish what it works on, and the other goes on with the rest", async () => {
  const { hub, one, two } = await startShared({ visibilitySeconds: 600 });
  await start(one, "fanOut", "drained", { count: 2, milliseconds: 700 });
  const [working, other] = await whoRuns(one, two, "double");
  working.signal("SIGTERM");
  expect(await working.exited).toBe(0);
  expect(await ended(other, "drained")).toMatchObject({ runtimeStatus: "Completed", output: 4 });
  expect(hub.output()).toContain(`instance ${working.pid} left`);
  expect(hub.output()).not.toContain("is visible again");
});

test("instances end with their hub, and those of the next one go on where it was", async () => {
  const { data, hub, one, two } = await startShared();
  await start(one, "waitForGo", "kept");
  hub.signal("SIGKILL");
  expect(await Promise.all([one.exited, two.exited])).toEqual([1, 1]);
  expect(one.output()).toContain("The task hub ended, and this instance with it.");
  await hosts.start({ hub: true, data });
  const next = await hosts.start({ data, args: ["--attach"] });
  await fetch(`${next.url}/jobs/kept/raise/go`, { method: "POST", body: '"after"' });
  expect(await ended(next, "kept")).toMatchObject({ runtimeStatus: "Completed", output: "after" });
});

test("a timer runs on one instance at a time, and on the other after the one is killed or hangs", async () => {
  const { one, two } = await startShared({ visibilitySeconds: 1, mode: "timer" });
  const times = (host: HostProcess) =>
    [...host.output().matchAll(/ticked at (\S+)/g)].map(([, at]) => at ?? "");
  const [holder, other] = await whoRuns(one, two, "everySecond");
  await eventually(
    async () => times(holder),
    (all) => all.length >= 2,
  );
  expect(times(other)).toEqual([]);
  holder.signal("SIGSTOP");
  await other.printed("ticked at");
  holder.signal("SIGCONT");
  await eventually(
    async () => times(other),
    (all) => all.length >= 3,
  );
  const all = [...times(holder), ...times(other)];
  expect(new Set(all).size).toBe(all.length);
  other.signal("SIGKILL");
  const before = times(holder).length;
  await eventually(
    async () => times(holder),
    (ticks) => ticks.length > before,
  );
});

async function refusal(data: string): Promise<NeverReady> {
  try {
    await hosts.start({ data, args: ["--attach"] });
  } catch (error) {
    if (error instanceof NeverReady) return error;
    throw error;
  }
  throw new Error("The instance was let in.");
}

test("anyone who doesn't know the hub's secret is refused before the app loads; the secret is the owner's alone", async () => {
  const data = hosts.newFolder();
  await hosts.start({ hub: true, data });
  const file = join(data, "hub.json");
  // Windows knows no such modes.
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  const address = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...address, secret: "guessed" }));
  const { code, output } = await refusal(data);
  expect([code, output]).toEqual([1, "The task hub refused this instance: the secret is not this hub's.\n"]);
});

test("without a hub there is nothing to attach to, and a hub's folder can't be claimed by a host", async () => {
  const data = hosts.newFolder();
  expect((await refusal(data)).output).toContain("No task hub that could be shared runs on");
  await hosts.start({ hub: true, data });
  await expect(hosts.start({ data })).rejects.toThrow("is in use by another host");
});
