import { join } from "node:path";
import { withCountedJobs } from "../storage-requests.ts";
import { renderCells } from "../table.ts";
import { actionsOf, type DurableWork, durableWorkOf, messagesOf, requestsOf } from "./durable.ts";
import { limits } from "./limits.ts";
import { hottestPartitions, type Share, sharesOf } from "./partitions.ts";
import { measureTwoProcesses } from "./two-processes.ts";

export interface ScaleSize {
  /** Played by their keys. */
  jobs: number;
  /** Takes two stacks of its own. */
  throughput?: { clients: number; warmUpMs: number; measureMs: number };
}

export const scaleSize: ScaleSize = {
  jobs: 1_000_000,
  throughput: { clients: 32, warmUpMs: 5_000, measureMs: 15_000 },
};
export const smallestScale: ScaleSize = { jobs: 1_000 };

const rates = [1, 10, 100, 1_000];
// What a picture takes, by which jobs are open at the same time.
const jobSeconds = 30;
const pictureBytes = 2e6;
const reconcileSeconds = 15;
const processesBound = 1.7;

/** `npm run bench -- scale`: what a job asks of each service, measured, against what that service publishes as its limit. */
export async function benchScale(data: string, size: ScaleSize): Promise<string> {
  const [shares, requests, work] = await withCountedJobs(data, async (run) => {
    await run("dall-e-3", 1);
    const job = await run("dall-e-3", 1);
    const durable = durableWorkOf(job.id, join(data, "counted-host"));
    return [sharesOf(job), job.requests.length, durable] as const;
  });
  const tables = [renderWork(requests, work), renderLoads(loadsOf(shares, requests, work, size.jobs))];
  if (!size.throughput) return tables.join("\n\n");
  const { one, two, mainMsPerJob } = await measureTwoProcesses(size.throughput);
  const perSecond = Math.floor(1_000 / mainMsPerJob);
  const lines = [
    `A job of a small picture takes ${mainMsPerJob.toFixed(1)} ms of the event loop, the embedded host's part included: ${perSecond} a second at most for each process.`,
    `Two processes on one hub: ${two.toFixed(1)} jobs/s; one: ${one.toFixed(1)}; ratio ${(two / one).toFixed(2)} × (bound ${processesBound} ×, where there are processors for both).`,
  ];
  return [...tables, ...lines].join("\n\n");
}

function renderWork(requests: number, work: DurableWork): string {
  return renderCells([
    ["A job of one image", ""],
    ["requests of the app to its storage", String(requests)],
    ["durable history", `${work.rows} rows, ${work.bytes} bytes, ${work.instances} instances`],
    ["activities, episodes", `${work.activities}, ${work.episodes}`],
    ["messages of the hub's queues", String(messagesOf(work))],
    ["requests to the hub's storage", String(requestsOf(work))],
    ["actions of the Durable Task Scheduler", String(actionsOf(work))],
  ]);
}

/** What one job a second puts on something, and what that takes at most. */
interface Load {
  what: string;
  perJob: number;
  limit: number;
}

function loadsOf(shares: readonly Share[], requests: number, work: DurableWork, jobs: number): Load[] {
  const partitions = hottestPartitions(shares, jobs).map(({ table, what, entitiesPerJob }) => ({
    what: `table ${table}, partition of ${what}`,
    // Looked through every few seconds, for each job that is open then; and its row there goes a while after the job's end.
    perJob: entitiesPerJob + (what === "pending" ? jobSeconds / reconcileSeconds + 1 : 0),
    limit: limits.entitiesOfPartition,
  }));
  const ofCaller = shares.find(({ table, of }) => table === "jobs" && of === "caller")?.entities ?? 0;
  return [
    ...partitions,
    { what: "table jobs, partition of a caller alone", perJob: ofCaller, limit: limits.entitiesOfPartition },
    { what: "the app's storage account, requests", perJob: requests, limit: limits.requestsOfAccount },
    {
      what: "the app's storage account, gigabits of pictures",
      perJob: (pictureBytes * 8) / 1e9,
      limit: limits.gigabitsIntoAccount,
    },
    {
      what: "the hub's queue of work items, messages",
      perJob: work.activities,
      limit: limits.messagesOfQueue,
    },
    {
      what: "the hub's storage account, requests",
      perJob: requestsOf(work),
      limit: limits.requestsOfAccount,
    },
    {
      what: "Durable Task Scheduler, consumption, actions",
      perJob: actionsOf(work),
      limit: limits.actionsOfConsumption,
    },
    {
      what: "Durable Task Scheduler, one unit, actions",
      perJob: actionsOf(work),
      limit: limits.actionsOfUnit,
    },
    {
      what: "Durable Task Scheduler, three units, actions",
      perJob: actionsOf(work),
      limit: limits.maxUnits * limits.actionsOfUnit,
    },
  ];
}

function renderLoads(loads: readonly Load[]): string {
  const head = ["At so many jobs a second", ...rates.map(String), "limit", "reached at"];
  const lines = loads
    .toSorted((a, b) => a.limit / a.perJob - b.limit / b.perJob)
    .map(({ what, perJob, limit }) => [
      what,
      ...rates.map((rate) => share(perJob * rate, limit)),
      `${limit.toLocaleString("en")}/s`,
      `${Math.floor(limit / perJob).toLocaleString("en")} jobs/s`,
    ]);
  return renderCells([head, ...lines]);
}

function share(load: number, limit: number): string {
  const percent = Math.round((load / limit) * 100);
  return `${percent < 1 ? "< 1" : percent} %${load > limit ? " over" : ""}`;
}
