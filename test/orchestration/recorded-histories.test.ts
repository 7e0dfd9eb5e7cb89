import { readdirSync, readFileSync } from "node:fs";
import type { OrchestrationHandler } from "durable-functions";
import { describe, expect, it } from "vitest";
import { readOrchestrator } from "../../packages/functions-host/src/durable/actions.ts";
import { EventType, type HistoryEvent } from "../../packages/functions-host/src/durable/history.ts";
import { sdkOrchestrator } from "../../packages/functions-host/src/durable/sdk.ts";
import { decide } from "../../packages/functions-host/src/durable/shim.ts";
import { orchestrations } from "../../src/contracts/workflow.ts";
import { editJob } from "../../src/orchestrations/edit-job.ts";
import { imageJob } from "../../src/orchestrations/image-job.ts";
import { runBatch } from "../../src/orchestrations/run-calls.ts";
import { webhookDelivery } from "../../src/orchestrations/webhook-delivery.ts";

interface Recording {
  scenario: string;
  instances: { name: string; id: string; status: string; history: HistoryEvent[] }[];
}

const folder = new URL("../fixtures/histories/", import.meta.url);
const recordings = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recording,
);
const handlers: Record<string, OrchestrationHandler> = {
  [orchestrations.editJob]: editJob,
  [orchestrations.imageJob]: imageJob,
  [orchestrations.runBatch]: runBatch,
  [orchestrations.webhookDelivery]: webhookDelivery,
};
const instances = recordings.flatMap(({ scenario, instances: all }) =>
  all.map((instance) => ({ scenario, ...instance })),
);
const shortTimerMs = 6 * 24 * 3_600_000;

/** What today's code decides on a history, as the host would see it. */
async function replay(handler: OrchestrationHandler, name: string, id: string, history: HistoryEvent[]) {
  const started = history.find((event) => event.EventType === EventType.ExecutionStarted);
  const result = await readOrchestrator(() =>
    sdkOrchestrator(handler)({
      history: structuredClone(history),
      input: JSON.parse(
        started?.EventType === EventType.ExecutionStarted ? (started.Input ?? "null") : "null",
      ) as unknown,
      instanceId: id,
      isReplaying: true,
      parentInstanceId: null,
      upperSchemaVersion: 2,
      upperSchemaVersionNew: 2,
      longRunningTimerIntervalDuration: "3.00:00:00",
      maximumShortTimerDuration: "6.00:00:00",
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    }),
  );
  return decide({
    name,
    history,
    result,
    maximumShortTimer: shortTimerMs,
    longTimerInterval: shortTimerMs / 2,
    // Every function that a recording names is there: what is missing shows as another end than the recorded.
    requireFunction: () => undefined,
  });
}

/** The history as it was at the end of each episode: anyone who deploys new code may catch a job at any of them. */
function* episodes(history: HistoryEvent[]): Generator<HistoryEvent[]> {
  for (const [index, event] of history.entries()) {
    if (event.EventType === EventType.OrchestratorCompleted) yield history.slice(0, index + 1);
  }
}

it("there are at least ten recorded jobs, and some of every orchestration", () => {
  expect(recordings.length).toBeGreaterThanOrEqual(10);
  expect(new Set(instances.map(({ name }) => name))).toEqual(new Set(Object.values(orchestrations)));
});

// Of a generation that another followed, the last episode isn't recorded.
const finished = instances.filter(({ status }) => status !== "ContinuedAsNew");

describe.each(finished)("the recorded $name of $scenario", ({ name, id, status, history }) => {
  it("is replayed by today's code to the same end", async () => {
    const handler = handlers[name];
    if (!handler) throw new Error(`No orchestration is called ${name}.`);
    const beforeEnd = history.slice(
      0,
      history.findIndex(({ EventType: type }) => type === EventType.ExecutionCompleted),
    );
    const outcome = await replay(handler, name, id, beforeEnd);
    expect(outcome).toMatchObject({ started: [], completion: { status } });
  });
});

describe.each(instances)("the recorded $name of $scenario, $status", ({ name, id, history }) => {
  it("can be caught by a deployment at any episode, with nothing new to do and nothing lost", async () => {
    const handler = handlers[name];
    if (!handler) throw new Error(`No orchestration is called ${name}.`);
    for (const soFar of episodes(history)) {
      if (soFar.some(({ EventType: type }) => type === EventType.ExecutionCompleted)) continue;
      const outcome = await replay(handler, name, id, soFar);
      expect(outcome).toMatchObject({ started: [] });
      expect(outcome.completion).toBeUndefined();
    }
  });
});

it("a changed order of steps is caught by a recording", async () => {
  const batch = instances.find(
    ({ scenario, name }) => scenario === "three-at-once" && name === orchestrations.runBatch,
  );
  const impatient: OrchestrationHandler = function* (context) {
    yield context.df.callActivity("finish-job", {});
  };
  const history = batch?.history.filter(({ EventType: type }) => type !== EventType.ExecutionCompleted) ?? [];
  const outcome = await replay(impatient, "run-batch", batch?.id ?? "", history);
  expect(outcome.completion).toMatchObject({
    status: "Failed",
    output: expect.stringMatching(/[Nn]on-?[Dd]eterminis/) as string,
  });
});
