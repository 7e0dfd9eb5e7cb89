import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogFilter, LogLevel } from "./log.ts";
import { logLevels } from "./log.ts";
import { parseTimeSpan } from "./time-span.ts";

/** The parts of host.json this host honours, with the real host's defaults. Times in milliseconds. */
export interface HostConfig {
  /** Null for no limit. */
  functionTimeout: number | null;
  logFilter: LogFilter;
  routePrefix: string;
  queues: QueueConfig;
  blobs: { poisonThreshold: number };
  durable: {
    hubName: string;
    maxConcurrentActivities: number;
    maxConcurrentOrchestrators: number;
    /** For how long work that an instance took is hidden from others once it is silent. */
    workItemVisibility: number;
    controlVisibility: number;
  };
}

export interface QueueConfig {
  batchSize: number;
  newBatchThreshold: number;
  maxDequeueCount: number;
  maxPollingInterval: number;
  visibilityTimeout: number;
  messageEncoding: "base64" | "none";
}

export function readHostConfig(appDirectory: string): HostConfig {
  const path = join(appDirectory, "host.json");
  return parseHostConfig(existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {});
}

/** Reads host.json (HOST ScriptJobHostOptionsSetup.cs, WJS QueuesOptions.cs, EXT Options/). */
export function parseHostConfig(content: unknown): HostConfig {
  const root = new Section(content);
  const queues = root.section("extensions").section("queues");
  const durable = root.section("extensions").section("durableTask");
  const provider = durable.section("storageProvider");
  const batchSize = queues.number("batchSize", 16);
  return {
    functionTimeout: root.text("functionTimeout") === "-1" ? null : root.span("functionTimeout", 30 * 60_000),
    logFilter: parseLogFilter(root.section("logging").section("logLevel")),
    routePrefix: root.section("extensions").section("http").text("routePrefix") ?? "api",
    queues: {
      batchSize,
      newBatchThreshold: queues.number("newBatchThreshold", Math.floor(batchSize / 2)),
      maxDequeueCount: queues.number("maxDequeueCount", 5),
      maxPollingInterval: queues.span("maxPollingInterval", 60_000),
      visibilityTimeout: queues.span("visibilityTimeout", 0),
      messageEncoding: queues.text("messageEncoding")?.toLowerCase() === "none" ? "none" : "base64",
    },
    blobs: { poisonThreshold: root.section("extensions").section("blobs").number("poisonBlobThreshold", 5) },
    durable: {
      hubName: durable.text("hubName") ?? "TestHubName",
      maxConcurrentActivities: durable.number("maxConcurrentActivityFunctions", 10),
      maxConcurrentOrchestrators: durable.number("maxConcurrentOrchestratorFunctions", 10),
      workItemVisibility: provider.span("workItemQueueVisibilityTimeout", 5 * 60_000),
      controlVisibility: provider.span("controlQueueVisibilityTimeout", 5 * 60_000),
    },
  };
}

function parseLogFilter(section: Section): LogFilter {
  const filter: Record<string, LogLevel> = { default: "information", Worker: "warning" };
  for (const [category, level] of section.entries()) {
    const known = logLevels.find((each) => each === String(level).toLowerCase());
    if (!known) throw new Error(`host.json: logging.logLevel.${category} is not a log level.`);
    filter[category] = known;
  }
  return filter;
}

/** A JSON object whose members may be missing. */
class Section {
  readonly #values: Record<string, unknown>;
  constructor(value: unknown) {
    this.#values = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  }

  section(name: string): Section {
    return new Section(this.#values[name]);
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#values);
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  number(name: string, fallback: number): number {
    const value = this.#values[name];
    return typeof value === "number" ? value : fallback;
  }

  span(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = parseTimeSpan(text);
    if (value === undefined) throw new Error(`host.json: ${name} is not a time span such as "00:10:00".`);
    return value;
  }
}
