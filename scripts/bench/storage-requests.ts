import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAzurite } from "../../local/azurite.ts";
import { startDarkroom } from "../../local/darkroom.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import { type PassedRequest, startCountingProxy } from "./counting-proxy.ts";
import type { Row } from "./table.ts";

const cases = [
  { what: "one image", model: "dall-e-3", n: 1, bound: 18 },
  { what: "gpt-image, n = 10", model: "gpt-image-1", n: 10, bound: 45 },
  { what: "DALL-E 3, n = 10", model: "dall-e-3", n: 10, bound: 75 },
];
const settleMs = 1_000;

/**
 * What the app asks of Table and Blob Storage for one job that nobody watches, from its acceptance to its thumbnails. What an
 * instance asks for all its jobs together is left out: the inbox and the index of pending jobs every 15 s, callers every few
 * seconds, notices of cancellations while calls are on their way.
 */
export async function measureStorageRequests(data: string, shows: (line: string) => void): Promise<Row[]> {
  return withCountedJobs(data, async (run) => {
    // The first job of a process makes the tables and loads what is loaded late.
    for (const { model } of cases) await run(model, 1);
    const rows: Row[] = [];
    for (const { what, model, n, bound } of cases) {
      const { requests } = await run(model, n);
      shows(`${what}:\n${tally(requests)}`);
      rows.push({
        what: `storage requests: ${what} / ${bound}`,
        figures: `${requests.length} requests`,
        ratio: requests.length / bound,
        bound: 1,
      });
    }
    return rows;
  });
}

export interface CountedJob {
  id: string;
  requests: PassedRequest[];
}

/** A stack whose requests to storage are told by job. Its host keeps its journal in `data`/counted-host. */
export async function withCountedJobs<T>(
  data: string,
  use: (run: (model: string, n: number) => Promise<CountedJob>) => Promise<T>,
): Promise<T> {
  const azurite = await startAzurite(undefined);
  const proxy = await startCountingProxy(azurite.connectionString);
  const darkroom = await startDarkroom({
    port: 0,
    simulatorArgs: ["--latency-scale", "0"],
    hostArgs: ["--data", join(data, "counted-host")],
    settings: { AzureWebJobsStorage: azurite.connectionString, IMAGES_STORAGE: proxy.connectionString },
  });
  try {
    // Straight to the storage, so that the looks aren't counted.
    const direct = storageClients({ connectionString: azurite.connectionString }, () => {
      throw new Error("The emulator needs no identity.");
    });
    const jobs = tableJobStore(direct.tables);
    return await use(async (model, n) => {
      proxy.take();
      const response = await fetch(`${darkroom.url}/api/images/generations`, {
        method: "POST",
        headers: { "api-key": darkroom.key ?? "", "content-type": "application/json" },
        body: JSON.stringify({ model, n, prompt: "A lamp in the fog" }),
      });
      const { id } = (await response.json()) as { id: string };
      await untilDone(jobs, id, n);
      await sleep(settleMs);
      return { id, requests: proxy.take().filter((request) => isOfJob(request, id)) };
    });
  } finally {
    await darkroom.stop();
    await proxy.close();
    await azurite.stop();
  }
}

async function untilDone(jobs: JobStore, id: string, n: number): Promise<void> {
  for (;;) {
    const { slots, end } = await jobs.readProgress(id);
    if (end && end.status !== "succeeded") throw new Error(`A job ${end.status}: ${end.failure?.message}`);
    const made = slots.filter((slot) => slot.state === "stored" && slot.hasThumbnails);
    if (end && made.length === n) return;
    await sleep(50);
  }
}

function isOfJob({ path, query, body }: PassedRequest, id: string): boolean {
  const text = path + query + body;
  if (/\bjob_\w+/.test(text)) return text.includes(id);
  return (
    !/^(edit-inbox|generate-inbox|batches|callers)/.test(path) &&
    !/PartitionKey eq '(pending|canceled)'/.test(query)
  );
}

function tally(requests: readonly PassedRequest[]): string {
  const counts = new Map<string, number>();
  for (const { method, path } of requests) {
    const place = path.replace(/\(.*\)/, "").replace(/^images\/.*/, "images");
    const name = `${method} ${place}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `  ${count} ${name}`).join("\n");
}
