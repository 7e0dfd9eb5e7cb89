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
import { measurePageScroll } from "./page-scroll.ts";
import { measurePeakMemory } from "./peak-memory.ts";
import { measureStoredRendition } from "./stored-rendition.ts";
import { measureStorageRequests } from "./storage-requests.ts";
import { measureStart } from "./start-time.ts";
import { type BenchSize, defaultSize, smallestSize } from "./size.ts";
import { benchLoad, loadSize, smallestLoad } from "./load/main.ts";
import { benchQuota, playNames } from "./quota/main.ts";
import { benchRace, raceSize, smallestRace } from "./race/main.ts";
import { describeMachine, type Recorded, recordFigures } from "./record.ts";
import { benchScale, scaleSize, smallestScale } from "./scale/main.ts";
import { startStack } from "./stack.ts";
import { renderTable, type Row } from "./table.ts";
import { startScript } from "../start-script.ts";

startScript(`npm run bench                          how the parts of Darkroom measure against each other on this machine
npm run bench -- --smallest            as little as possible: whether the bench still runs
npm run bench -- dialects              clients of other services alone
npm run bench -- start                 how long the app's import and npm start take
npm run bench -- race                  the same pictures by Darkroom and by others' clients and gateways
npm run bench -- load                  many clients at once, and what running jobs ask of storage
npm run bench -- scale                 what breaks first at 1, 10, 100 and 1,000 jobs a second
npm run bench -- record                these three, and writes docs/benchmarks.md and docs/scale.md
npm run bench -- page                  the gallery, while 500 jobs are scrolled by
npm run bench -- storage               what jobs ask of storage
npm run bench -- quota [NAME]          the scheduler's workloads, on a virtual clock (--seeds N), or one: ${playNames.join(", ")}`);

/**
 * `npm run bench`: how the parts of Darkroom measure against each other on this machine. Ratios travel; milliseconds
 * don't. A figure that misses its bound is said and is no error: one busy moment of a machine must not look like a defect.
 * `-- --smallest` measures as little as possible: whether the bench still runs.
 */
const { values, positionals } = parseArgs({
  options: { smallest: { type: "boolean" }, seeds: { type: "string", default: "1000" } },
  allowPositionals: true,
});
const names = ["dialects", "start", "race", "load", "scale", "record", "page", "storage", "quota"];
const [only, part] = positionals;
if (only !== undefined && !names.includes(only)) throw new Error(`There is no ${only}: ${names.join(", ")}.`);
const small = values.smallest === true;
const recorded: Record<Recorded, (data: string) => Promise<string>> = {
  race: () => benchRace(small ? smallestRace : raceSize),
  load: () => benchLoad(small ? smallestLoad : loadSize),
  scale: (data) => benchScale(data, small ? smallestScale : scaleSize),
};
if (only === "quota") benchQuota(Number(values.seeds), part, console.log);
else if (only === "start") console.log(renderTable(await measureStart(small ? 1 : 5)));
else if (only === "page") console.log(renderTable(await measurePageScroll(small ? 30 : 500)));
else if (only === "record") for (const name of ["race", "load", "scale"] as const) await record(name);
else if (only === "race" || only === "load" || only === "scale") console.log(await withData(recorded[only]));
else await bench(small ? smallestSize : defaultSize);

async function record(name: Recorded): Promise<void> {
  const machine = describeMachine();
  const figures = await withData(recorded[name]);
  console.log(figures);
  await recordFigures(name, `${machine}\n\n${figures}`);
}

async function withData<T>(use: (data: string) => Promise<T>): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), "darkroom-bench-"));
  try {
    return await use(data);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function bench(size: BenchSize): Promise<void> {
  await withData(async (data) => {
    const imports = only === undefined ? [await measureImportTime(size.importTime)] : [];
    const rows =
      only === "storage"
        ? await measureStorageRequests(data, console.log)
        : [...imports, ...(await measureStack(data, size))];
    console.log(`${renderTable(rows)}\n\nNode ${process.version}, ${cpus().length} processors`);
  });
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
    const rendition = await measureStoredRendition(stack, size.rendition);
    // Last: the rows it adds would weigh on all the others.
    const list = await measureListLatency(stack, size.list);
    return [
      fanOut,
      accept,
      ...overheads,
      ...history,
      relay,
      ...dialects,
      ...(memory ? [memory] : []),
      rendition,
      list,
    ];
  } finally {
    await stack.darkroom.stop();
  }
}
