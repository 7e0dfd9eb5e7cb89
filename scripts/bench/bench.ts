import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureAcceptLatency } from "./accept-latency.ts";
import { measureDialects } from "./dialects.ts";
import { measureDurableHistory } from "./durable-history.ts";
import { measureEventRelay } from "./event-relay.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureImportTime } from "./import-time.ts";
import { measureJobOverhead } from "./job-overhead.ts";
import { measureListLatency } from "./list-latency.ts";
import { measurePeakMemory } from "./peak-memory.ts";
import { measureStorageRequests } from "./storage-requests.ts";
import { type BenchSize, defaultSize, smallestSize } from "./size.ts";
import { benchQuota } from "./quota/main.ts";
import { startStack } from "./stack.ts";
import { renderTable, type Row } from "./table.ts";
import { startScript } from "../start-script.ts";

startScript(`npm run bench                          how the parts of Darkroom measure against each other on this machine
npm run bench -- --smallest            as little as possible: whether the bench still runs
npm run bench -- dialects              clients of other services alone
npm run bench -- quota [--seeds N]     the scheduler's workloads, on a virtual clock`);

/**
 * `npm run bench`: how the parts of Darkroom measure against each other on this machine. Ratios travel; milliseconds
 * don't. A figure over its bound is said and is no error: one busy moment of a machine must not look like a defect.
 * `-- --smallest` measures as little as possible: whether the bench still runs. `-- quota` plays the scheduler's workloads instead,
 * on a virtual clock; `-- dialects` measures those of other services' clients alone, `-- storage` counts what jobs ask of
 * storage.
 */
const { values, positionals } = parseArgs({
  options: { smallest: { type: "boolean" }, seeds: { type: "string", default: "1000" } },
  allowPositionals: true,
});
const [only] = positionals;
if (only === "quota") console.log(benchQuota(Number(values.seeds)));
else await bench(values.smallest ? smallestSize : defaultSize);

async function bench(size: BenchSize): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "darkroom-bench-"));
  try {
    const imports = only === undefined ? [await measureImportTime(size.importTime)] : [];
    const rows =
      only === "storage"
        ? await measureStorageRequests(data, console.log)
        : [...imports, ...(await measureStack(data, size))];
    console.log(`${renderTable(rows)}\n\nNode ${process.version}, ${cpus().length} processors`);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function measureStack(data: string, size: BenchSize): Promise<Row[]> {
  const stack = await startStack(join(data, "host"));
  try {
    if (only === "dialects") return await measureDialects(stack, size.dialects);
    const accept = await measureAcceptLatency(stack, join(data, "floors"), size.accept);
    const overheads = await measureJobOverhead(stack, size.overhead);
    const fanOut = await measureFanOut(stack, size.fanOut);
    const history = await measureDurableHistory(stack, size.history);
    const relay = await measureEventRelay(stack, size.relay);
    const dialects = await measureDialects(stack, size.dialects);
    const memory = await measurePeakMemory(stack, size.memory);
    if (!memory) console.error("Skipped: peak memory. This system has no /proc to read it from.");
    // Last: the rows it adds would weigh on all the others.
    const list = await measureListLatency(stack, size.list);
    return [fanOut, accept, ...overheads, ...history, relay, ...dialects, ...(memory ? [memory] : []), list];
  } finally {
    await stack.darkroom.stop();
  }
}
