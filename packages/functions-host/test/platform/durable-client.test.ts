import { beforeAll, expect, test } from "vitest";
import { eventually, useHosts } from "./host-process.ts";
import type { HostProcess } from "./host-process.ts";

interface Links {
  id: string;
  statusQueryGetUri: string;
  sendEventPostUri: string;
  terminatePostUri: string;
  suspendPostUri: string;
  resumePostUri: string;
  restartPostUri: string;
  rewindPostUri: string;
  purgeHistoryDeleteUri: string;
}
type Status = Record<string, unknown>;

const hosts = useHosts();
let host: HostProcess;
beforeAll(async () => {
  host = await hosts.start();
});

const post = (url: string, body = "", headers = { "content-type": "application/json" }) =>
  fetch(url, { method: "POST", body, headers });
async function start(name: string, id?: string, input?: unknown): Promise<Links> {
  const query = id === undefined ? "" : `?id=${id}`;
  const response = await post(
    `${host.url}/start/${name}${query}`,
    input === undefined ? "" : JSON.stringify(input),
  );
  expect(response.status).toBe(202);
  return (await response.json()) as Links;
}
const read = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: (response.status === 404 ? {} : await response.json()) as Status };
};
const finished = ({ body }: { body: Status }) =>
  !["Pending", "Running"].includes(String(body["runtimeStatus"]));
/** The webhook's address of something, with the key taken from a link the app handed out. */
const webhook = (links: Links, path: string, query = "") =>
  `${host.url}/runtime/webhooks/durabletask/${path}?${new URL(links.statusQueryGetUri).search.slice(1)}${query}`;

test("the app starts an orchestration through its client, and the links it gets lead to the result", async () => {
  const links = await start("fanOut", "fan", { count: 3, milliseconds: 5 });
  expect(links.id).toBe("fan");
  const { status, body } = await eventually(() => read(links.statusQueryGetUri), finished);
  expect(status).toBe(200);
  expect(body).toEqual({
    name: "fanOut",
    instanceId: "fan",
    runtimeStatus: "Completed",
    input: { count: 3, milliseconds: 5 },
    customStatus: { last: 12 },
    output: 12,
    createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    lastUpdatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
  });
});

test("the client reads a status, and one of an unknown instance fails the call", async () => {
  const links = await start("empty");
  await eventually(() => read(links.statusQueryGetUri), finished);
  expect(await (await fetch(`${host.url}/jobs/${links.id}`)).json()).toMatchObject({
    runtimeStatus: "Completed",
    output: "done",
  });
  expect((await fetch(`${host.url}/jobs/unknown`)).status).toBe(500);
});

test("a running instance answers 202 with the address to ask again; a waiting one takes an event", async () => {
  const links = await start("waitForGo");
  const response = await fetch(links.statusQueryGetUri);
  expect(response.status).toBe(202);
  expect(response.headers.get("location")).toBe(links.statusQueryGetUri);
  expect(response.headers.get("retry-after")).toBe("5");
  expect((await post(`${host.url}/jobs/${links.id}/raise/go`, '{"by":"client"}')).status).toBe(202);
  const { body } = await eventually(() => read(links.statusQueryGetUri), finished);
  expect(body["output"]).toEqual({ by: "client" });
});

test("a second start under a living id fails with 500 and the status it met; under a finished one it replaces", async () => {
  const links = await start("waitForGo", "twice");
  const again = webhook(links, "orchestrators/empty/twice");
  const refused = await post(again);
  expect(refused.status).toBe(500);
  expect(await refused.json()).toMatchObject({
    Message: expect.stringMatching(
      /^An Orchestration instance with the status (Pending|Running) already exists\.$/,
    ) as string,
  });
  await post(links.sendEventPostUri.replace("{eventName}", "go"));
  await eventually(() => read(links.statusQueryGetUri), finished);
  expect((await post(again)).status).toBe(202);
  const { body } = await eventually(() => read(links.statusQueryGetUri), finished);
  expect(body).toMatchObject({ name: "empty", output: "done" });
});

test("a start can wait for the result", async () => {
  const links = await start("empty");
  const response = await post(webhook(links, "orchestrators/empty", "&timeout=30&pollingInterval=1"));
  expect([response.status, await response.json()]).toEqual([200, "done"]);
});

test("a start of an unknown orchestrator or with broken JSON is a bad request", async () => {
  const links = await start("empty");
  expect((await post(webhook(links, "orchestrators/absent"))).status).toBe(400);
  expect((await post(webhook(links, "orchestrators/empty"), "{broken")).status).toBe(400);
});

test("an event needs JSON and a living instance", async () => {
  const links = await start("waitForGo");
  const raise = links.sendEventPostUri.replace("{eventName}", "other");
  expect((await post(raise, "x", { "content-type": "text/plain" })).status).toBe(400);
  expect((await post(raise, "{broken")).status).toBe(400);
  expect((await post(raise, "1")).status).toBe(202);
  expect((await post(raise.replace(links.id, "unknown"), "1")).status).toBe(404);
  await post(links.terminatePostUri.replace("{text}", "enough"));
  await eventually(() => read(links.statusQueryGetUri), finished);
  expect((await post(raise, "1")).status).toBe(410);
});

test("terminate, suspend and resume work by link, and a finished instance is gone for them", async () => {
  const links = await start("waitForGo");
  expect((await post(links.suspendPostUri.replace("{text}", "pause"))).status).toBe(202);
  await eventually(
    () => read(links.statusQueryGetUri),
    ({ body }) => body["runtimeStatus"] === "Suspended",
  );
  expect((await post(links.resumePostUri.replace("{text}", "go%20on"))).status).toBe(202);
  await eventually(
    () => read(links.statusQueryGetUri),
    ({ body }) => body["runtimeStatus"] === "Running",
  );
  expect((await post(links.terminatePostUri.replace("{text}", "enough%20now"))).status).toBe(202);
  const { status, body } = await eventually(() => read(links.statusQueryGetUri), finished);
  expect([status, body["runtimeStatus"], body["output"]]).toEqual([200, "Terminated", "enough now"]);
  expect((await post(links.terminatePostUri)).status).toBe(410);
});

test("a failed instance answers 200, or 500 for those who ask for it, and can be rewound", async () => {
  const links = await start("fails");
  const { status, body } = await eventually(() => read(links.statusQueryGetUri), finished);
  expect([status, body["output"]]).toEqual([
    200,
    "Orchestrator function 'fails' failed: this orchestrator fails",
  ]);
  expect((await fetch(`${links.statusQueryGetUri}&returnInternalServerErrorOnFailure=true`)).status).toBe(
    500,
  );
  expect((await post(links.rewindPostUri)).status).toBe(202);
});

test("rewinding anything but a failed instance is refused", async () => {
  const links = await start("waitForGo");
  expect((await post(links.rewindPostUri)).status).toBe(412);
});

test("the history is told on request, with results only when asked for", async () => {
  const links = await start("fanOut", "told", { count: 1, milliseconds: 1 });
  await eventually(() => read(links.statusQueryGetUri), finished);
  const { body } = await read(`${links.statusQueryGetUri}&showHistory=true&showInput=false`);
  const events = body["historyEvents"] as Status[];
  expect(body["input"]).toBeNull();
  expect(events.map((event) => event["EventType"])).toEqual([
    "ExecutionStarted",
    "TimerFired",
    "TaskCompleted",
    "SubOrchestrationInstanceCompleted",
    "ExecutionCompleted",
  ]);
  expect(events[2]).toMatchObject({ FunctionName: "double", ScheduledTime: expect.any(String) as string });
  expect(events[2]).not.toHaveProperty("Result");
  expect(events[2]).not.toHaveProperty("TaskScheduledId");
  const { body: full } = await read(`${links.statusQueryGetUri}&showHistory=true&showHistoryOutput=true`);
  expect((full["historyEvents"] as Status[])[2]).toMatchObject({ Result: "0" });
});

test("purging removes an instance once", async () => {
  const links = await start("empty");
  await eventually(() => read(links.statusQueryGetUri), finished);
  const purge = () => fetch(links.purgeHistoryDeleteUri, { method: "DELETE" });
  expect(await (await purge()).json()).toEqual({ instancesDeleted: 1 });
  expect((await purge()).status).toBe(404);
  expect((await fetch(links.statusQueryGetUri)).status).toBe(404);
});

test("instances are listed page by page and purged by time, the living ones spared", async () => {
  const own = await hosts.start();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push(((await (await post(`${own.url}/start/empty?id=page-${count}`)).json()) as Links).id);
  }
  const links = (await (await post(`${own.url}/start/waitForGo?id=living`)).json()) as Links;
  const all = `${own.url}/runtime/webhooks/durabletask/instances/?${new URL(links.statusQueryGetUri).search.slice(1)}`;
  const completed = `${all}&runtimeStatus=Completed`;
  await eventually(
    async () => (await (await fetch(completed)).json()) as unknown[],
    (list) => list.length === 5,
  );

  const listed: string[] = [];
  let token: string | null = null;
  do {
    const page: Response = await fetch(`${completed}&top=2`, {
      headers: token ? { "x-ms-continuation-token": token } : {},
    });
    for (const { instanceId } of (await page.json()) as { instanceId: string }[]) listed.push(instanceId);
    token = page.headers.get("x-ms-continuation-token");
  } while (token !== null);
  expect(listed).toEqual(ids);

  expect((await fetch(all, { method: "DELETE" })).status).toBe(400);
  const purge = await fetch(`${all}&createdTimeFrom=2020-01-01T00:00:00Z`, { method: "DELETE" });
  expect(await purge.json()).toEqual({ instancesDeleted: 5 });
  expect((await read(links.statusQueryGetUri)).status).toBe(202);
});

test("restarting runs the same input again under a new id; an unknown id is a bad request", async () => {
  const links = await start("fanOut", "again", { count: 1, milliseconds: 1 });
  await eventually(() => read(links.statusQueryGetUri), finished);
  const restarted = (await (await post(links.restartPostUri)).json()) as Links;
  expect(restarted.id).not.toBe("again");
  const { body } = await eventually(() => read(restarted.statusQueryGetUri), finished);
  expect(body["input"]).toEqual({ count: 1, milliseconds: 1 });
  expect((await post(links.restartPostUri.replace("again", "unknown"))).status).toBe(400);
});
