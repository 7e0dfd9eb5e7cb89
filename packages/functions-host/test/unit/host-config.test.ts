import { expect, test } from "vitest";
import { parseHostConfig } from "../../src/host-config.ts";

test("an empty host.json means the real host's defaults", () => {
  expect(parseHostConfig({})).toMatchObject({
    functionTimeout: 1_800_000,
    routePrefix: "api",
    queues: {
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      maxPollingInterval: 60_000,
      messageEncoding: "base64",
    },
    blobs: { poisonThreshold: 5 },
    durable: { hubName: "TestHubName" },
  });
});

test("what host.json says is taken", () => {
  const config = parseHostConfig({
    functionTimeout: "00:01:00",
    logging: { logLevel: { default: "Debug", "Function.draw": "None" } },
    extensions: {
      http: { routePrefix: "" },
      queues: {
        batchSize: 4,
        maxPollingInterval: "00:00:02",
        messageEncoding: "None",
        visibilityTimeout: "00:00:10",
      },
      blobs: { poisonBlobThreshold: 2 },
      durableTask: {
        hubName: "Hub",
        maxConcurrentActivityFunctions: 3,
        maxConcurrentOrchestratorFunctions: 4,
      },
    },
  });
  expect(config).toMatchObject({
    functionTimeout: 60_000,
    routePrefix: "",
    logFilter: { default: "debug", "Function.draw": "none" },
    queues: {
      batchSize: 4,
      newBatchThreshold: 2,
      maxPollingInterval: 2000,
      messageEncoding: "none",
      visibilityTimeout: 10_000,
    },
    blobs: { poisonThreshold: 2 },
    durable: { hubName: "Hub", maxConcurrentActivities: 3, maxConcurrentOrchestrators: 4 },
  });
});

test("a timeout of -1 is none", () => {
  expect(parseHostConfig({ functionTimeout: "-1" }).functionTimeout).toBeNull();
});

test("a value nobody can read is refused by name", () => {
  expect(() => parseHostConfig({ functionTimeout: "ten minutes" })).toThrow("functionTimeout");
  expect(() => parseHostConfig({ logging: { logLevel: { Host: "loud" } } })).toThrow("logging.logLevel.Host");
});
