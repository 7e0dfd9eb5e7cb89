import { mebibytes, median, milliseconds } from "../numbers.ts";
import { type PlainStack, startPlainStack, startUpstream } from "../plain-stack.ts";
import { startLapper } from "../race/lapper.ts";
import { renderTable, type Row } from "../table.ts";
import { measureMemory, measurePartials, measureThroughput, small } from "./jobs.ts";
import { measureStorageRates } from "./storage-rate.ts";

export interface LoadSize {
  throughput: { clients: number; warmUpMs: number; measureMs: number };
  /** Takes a stack of its own. */
  storage?: { jobs: number; watchers: number; measureMs: number };
  added: { latencyMs: number; rounds: number };
  partials: number;
  /** Calls of ten pictures of 3 MB. */
  memory: number;
}

export const loadSize: LoadSize = {
  throughput: { clients: 32, warmUpMs: 5_000, measureMs: 15_000 },
  storage: { jobs: 30, watchers: 20, measureMs: 10_000 },
  added: { latencyMs: 2_000, rounds: 6 },
  partials: 10,
  memory: 32,
};
export const smallestLoad: LoadSize = {
  throughput: { clients: 2, warmUpMs: 0, measureMs: 1_000 },
  added: { latencyMs: 50, rounds: 1 },
  partials: 1,
  memory: 1,
};

/** `npm run bench -- load`: what many clients at once get, and what running jobs ask of storage. Linux only. */
export async function benchLoad(size: LoadSize): Promise<string> {
  const upstream = await startUpstream();
  try {
    const url = String(upstream.ready["url"]);
    const stack = await startPlainStack(url);
    try {
      const rows = await measureStack(stack, url, size);
      return renderTable([...rows, ...(size.storage ? await storageRows(url, size.storage) : [])]);
    } finally {
      await stack.stop();
    }
  } finally {
    await upstream.stop();
  }
}

async function measureStack(stack: PlainStack, upstream: string, size: LoadSize): Promise<Row[]> {
  const { jobsPerSecond, acceptMs } = await measureThroughput(stack, size.throughput);
  const one = await addedLatency(stack, size.added, 1);
  const eight = await addedLatency(stack, size.added, 8);
  const partials = median(await measurePartials(stack, upstream, size.partials));
  const peak = await measureMemory(stack, size.memory);
  const { clients } = size.throughput;
  return [
    {
      what: `jobs per second, ${clients} clients: 30 / measured`,
      figures: `${jobsPerSecond.toFixed(1)} jobs/s`,
      ratio: 30 / jobsPerSecond,
      bound: 1,
    },
    within("acceptance in that load, p50", acceptMs, 150),
    within("added latency, p50: 1 in flight", one, 80),
    within("added latency, p50: 8 in flight", eight, 150),
    within("partial image of 200 kB to its watcher, p50", partials, 40),
    {
      what: `peak memory: ${size.memory} calls of ten 3 MB / 500 MB`,
      figures: mebibytes(peak),
      ratio: peak / 500e6,
      bound: 1,
    },
  ];
}

async function storageRows(upstream: string, size: NonNullable<LoadSize["storage"]>): Promise<Row[]> {
  const { unwatched, watched } = await measureStorageRates(upstream, size);
  const { jobs, watchers } = size;
  const row = (what: string, rate: number, bound: number) => ({
    what: `${what} / ${bound}`,
    figures: `${rate.toFixed(1)} requests/s`,
    ratio: rate / bound,
    bound: 1,
  });
  return [
    row(`storage requests by the second: ${jobs} running jobs`, unwatched, 15),
    row(`the same, each watched by ${watchers}`, watched, 60),
  ];
}

/** Beyond the service's own time. */
async function addedLatency(
  { darkroom, headers }: PlainStack,
  { latencyMs, rounds }: LoadSize["added"],
  inFlight: number,
): Promise<number> {
  const caller = await startLapper("job", darkroom.url, {
    headers: { ...headers, prefer: "wait=60" },
    directives: `${small} [[latency=${latencyMs}]]`,
  });
  await caller.lap(inFlight, inFlight);
  const { latencies } = await caller.lap(rounds * inFlight, inFlight);
  await caller.stop();
  return median(latencies) - latencyMs;
}

function within(what: string, ms: number, bound: number): Row {
  return {
    what: `${what} / ${bound} ms`,
    figures: milliseconds(ms),
    ratio: Math.max(0, ms / bound),
    bound: 1,
  };
}
