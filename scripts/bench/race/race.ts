import { setTimeout as sleep } from "node:timers/promises";
import { type CpuUsed, cpuUsedBy, peakBytesOf } from "../process-figures.ts";
import { startPlainStack, startUpstream } from "../plain-stack.ts";
import { type Lap, type Lapper, startLapper } from "./lapper.ts";
import { portkeyHeaders, startPortkey } from "./portkey.ts";

export interface RaceSize {
  rounds: number;
  warmUps: number;
  /** Of a lap. */
  calls: number;
  inFlight: number;
  /** Portkey's gateway has to be installed. */
  withPortkey: boolean;
}

/** What a lap of one contender came to. */
export interface Result extends Lap {
  /** Of the process that carries the image, for one image. */
  cpu: CpuUsed;
}

export interface Contender {
  name: string;
  results: Result[];
  peakBytes: number;
}

interface Entrant {
  name: string;
  caller: Lapper;
  /** The process that carries the image: the caller itself, or the server that it asks. */
  pid: number;
}

/** The same pictures from the same service by each of the ways, lap after lap in turn. */
export async function race(size: RaceSize): Promise<Contender[]> {
  const stops: (() => Promise<void>)[] = [];
  const keep = <T extends { stop(): Promise<void> }>(started: T): T => {
    stops.unshift(() => started.stop());
    return started;
  };
  try {
    const upstream = String(keep(await startUpstream()).ready["url"]);
    const entrants: Entrant[] = [];
    for (const [name, way] of clients) {
      const caller = keep(await startLapper(way, upstream));
      entrants.push({ name, caller, pid: caller.pid });
    }
    const portkey = size.withPortkey ? await startPortkey() : undefined;
    if (portkey) {
      keep(portkey);
      const caller = keep(await startLapper("fetch", portkey.url, { headers: portkeyHeaders(upstream) }));
      entrants.push({ name: portkeyName, caller, pid: portkey.pid });
    }
    const { darkroom, headers } = keep(await startPlainStack(upstream));
    const caller = keep(
      await startLapper("job", darkroom.url, { headers: { ...headers, prefer: "wait=60" } }),
    );
    entrants.push({ name: darkroomName, caller, pid: darkroom.hostPid() });
    return await run(entrants, size);
  } finally {
    for (const stop of stops) await stop();
  }
}

export const portkeyName = "Portkey's gateway";
export const darkroomName = "Darkroom";
const clients = [
  ["fetch, JSON, decode", "fetch"],
  ["openai", "openai"],
  ["ai", "ai"],
] as const;

async function run(entrants: Entrant[], size: RaceSize): Promise<Contender[]> {
  const contenders = entrants.map(({ name }): Contender => ({ name, results: [], peakBytes: 0 }));
  for (let round = -size.warmUps; round < size.rounds; round += 1) {
    for (const [at, entrant] of entrants.entries()) {
      const result = await measure(entrant, size);
      if (round >= 0) contenders[at]?.results.push(result);
    }
  }
  for (const [at, { pid }] of entrants.entries())
    Object.assign(contenders[at] ?? {}, { peakBytes: peakBytesOf(pid) });
  return contenders;
}

async function measure({ caller, pid }: Entrant, { calls, inFlight }: RaceSize): Promise<Result> {
  const before = await whenQuiet(pid);
  const lap = await caller.lap(calls, inFlight);
  const after = await whenQuiet(pid);
  const per = (part: keyof CpuUsed) => (after[part] - before[part]) / calls;
  return { ...lap, cpu: { main: per("main"), pictures: per("pictures"), engine: per("engine") } };
}

const quietMs = 300;
const maxLooks = 20;

/** Thumbnails are made after the answer: a lap is over when its process rests. */
async function whenQuiet(pid: number): Promise<CpuUsed> {
  let now = cpuUsedBy(pid);
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const before = now;
    await sleep(quietMs);
    now = cpuUsedBy(pid);
    if (now.main + now.pictures - before.main - before.pictures < quietMs / 10) break;
  }
  return now;
}
