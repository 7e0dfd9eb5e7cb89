import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerArguments } from "../../../local/settings.ts";
import { startPlainStack } from "../plain-stack.ts";
import { startLapper } from "./lapper.ts";

/** As V8 writes it. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/**
 * What part of the main thread's work is the embedded host's and not the app's, told by a sampling profile of a lap: they share
 * one process here, which they don't in Azure. Time in Node's own code counts for the one that called it; what nobody called, such as
 * garbage collection and the event loop, is divided as the rest is.
 */
export async function measureHostShare(upstream: string, calls: number, inFlight: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-profile-"));
  try {
    const [[name, usual] = ["", ""]] = Object.entries(workerArguments);
    const stack = await startPlainStack(upstream, {
      [name]: `${usual} --cpu-prof --cpu-prof-dir=${folder}`,
    });
    const { darkroom, headers } = stack;
    const caller = await startLapper("job", darkroom.url, { headers: { ...headers, prefer: "wait=60" } });
    await caller.lap(calls, inFlight);
    await caller.stop();
    // It writes its profile as it ends.
    await stack.stop();
    const [file = ""] = await readdir(folder);
    return hostShareOf(JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Owner = "host" | "app" | "nobody";

/** What was sampled before the first request is left out: the start isn't a picture's. */
function hostShareOf({ nodes, samples, timeDeltas }: CpuProfile): number {
  const owners = ownersOf(nodes);
  const spent: Record<Owner, number> = { host: 0, app: 0, nobody: 0 };
  const first = samples.findIndex((id) => owners.requests.has(id));
  for (const [at, id] of samples.entries())
    if (at >= first) spent[owners.byId.get(id) ?? "nobody"] += timeDeltas[at] ?? 0;
  return spent.host / (spent.host + spent.app);
}

function ownersOf(nodes: CpuProfile["nodes"]) {
  const byId = new Map<number, Owner>();
  const requests = new Set<number>();
  // Parents come before their children.
  for (const { id, callFrame, children = [] } of nodes) {
    const owner = ownerOf(callFrame.url) ?? byId.get(id) ?? "nobody";
    byId.set(id, owner);
    if (/functions-host\/src\/http/.test(callFrame.url)) requests.add(id);
    for (const child of children) byId.set(child, owner);
  }
  return { byId, requests };
}

function ownerOf(url: string): Owner | undefined {
  if (/\/packages\/functions-host\/|\/local\//.test(url)) return "host";
  return /\/dist\//.test(url) ? "app" : undefined;
}
