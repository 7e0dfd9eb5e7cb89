import { randomUUID } from "node:crypto";
import { startAzurite } from "../../../local/azurite.ts";
import { ask } from "../../../src/domain/quota/ask.ts";
import { storageClients } from "../../../src/adapters/storage/storage-clients.ts";
import { tableQuotaPools } from "../../../src/adapters/storage/quota-pool-store.ts";
import { median, percentile } from "../numbers.ts";

/**
 * `node scripts/bench/quota/storage-contention.ts`: what a permit costs on Azurite when nobody else asks, and when a hundred calls of
 * several instances ask at once. An instance is a store of its own here: what it knows and its turns are not shared.
 */
const azurite = await startAzurite(undefined);
try {
  for (const instances of [1, 2, 4, 8]) console.log(await measure(instances, 100));
  console.log(await measure(1, 1, 200));
  console.log(await measureFloor(200));
} finally {
  await azurite.stop();
}

/** One row written over another, and nothing else: what a permit can't be cheaper than. */
async function measureFloor(rounds: number): Promise<string> {
  const { tables } = storageClients({ connectionString: azurite.connectionString }, () => {
    throw new Error("No identity is needed for the emulator.");
  });
  await tables.ensure();
  const row = { partitionKey: "floor", rowKey: "row", text: "x".repeat(300) };
  await tables.jobs.upsertEntity(row, "Replace");
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await tables.jobs.updateEntity(row, "Replace", { etag: "*" });
    took.push(performance.now() - begun);
  }
  return `one write: p50 ${median(took).toFixed(1)} ms, p95 ${percentile(took, 95).toFixed(1)} ms`;
}

async function measure(instances: number, calls: number, rounds = 1): Promise<string> {
  const pool = randomUUID();
  const limits = { requests: { count: 10, windowMs: 60_000 } };
  let decisions = 0;
  const stores = Array.from({ length: instances }, () => {
    const { tables } = storageClients({ connectionString: azurite.connectionString }, () => {
      throw new Error("No identity is needed for the emulator.");
    });
    return tableQuotaPools(tables);
  });
  await Promise.all(stores.map((store) => store.read(pool)));
  const took: number[] = [];
  const started = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const asks = Array.from({ length: calls }, async (_, index) => {
      const store = stores[index % instances];
      const begun = performance.now();
      await store?.change(pool, (state) => {
        decisions += 1;
        const line = {
          id: `${round}:${index}`,
          caller: "a",
          priority: "normal" as const,
          since: begun,
          images: 1,
        };
        const request = { line: { ...line, following: 0, work: "any" }, weight: 1, deployment: "one" };
        // Of a minute each, so that every round finds room.
        const now = 60_600 * (round + 1);
        return ask(state, limits, { ...request, attempt: randomUUID(), permitMs: 30_000 }, now);
      });
      took.push(performance.now() - begun);
    });
    await Promise.all(asks);
  }
  const all = performance.now() - started;
  const each = `p50 ${median(took).toFixed(1)} ms, p95 ${percentile(took, 95).toFixed(1)} ms`;
  const what = rounds > 1 ? "one after another" : `${calls} at once of ${instances} instances`;
  return `${what}: ${each}, ${(decisions / took.length).toFixed(2)} rounds a call, ${Math.round(all)} ms in all`;
}
