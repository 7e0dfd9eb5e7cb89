import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { orphanBlobs } from "../invariants/leftovers.ts";
import type { Breach } from "../invariants/all.ts";
import type { Stack } from "../stack/stack.ts";
import { StorageView, type StoredRow } from "../stack/storage-view.ts";

// Removals of what was left in a temporary folder come with the ends of calls. Those of index rows come with a round of
// jobs-reconcile: a job that was seen running rests for 45 s, and rounds are 15 s apart.
const maxSettleMs = 90_000;
const pauseMs = 500;

/** What of a stack is looked at. */
type EndStateSource = Pick<Stack, "log" | "restarts" | "temporary" | "storage">;

/** What must hold of a whole stack once its runs are over: its processes, its log, its folders, and all that it stored. */
export async function endState(
  stack: EndStateSource,
  blows: number,
  settleMs = maxSettleMs,
): Promise<Breach[]> {
  const breaches: Breach[] = [...stack.log.found].map((what) => ({
    invariant: "no secret in a log",
    how: `the log holds ${what}`,
  }));
  const unasked = stack.restarts() - blows;
  if (unasked > 0)
    breaches.push({
      invariant: "the app's process lives",
      how: `it ended by itself, ${unasked} times: ${stack.log.tail.slice(-1_500)}`,
    });
  const end = Date.now() + settleMs;
  for (;;) {
    const left = [
      ...(await temporaryLeft(stack)),
      ...(await storedWithoutJob(stack)),
      ...(await pendingThoughDelivered(stack)),
    ];
    if (left.length === 0 || Date.now() > end) return [...breaches, ...left];
    await sleep(pauseMs);
  }
}

async function temporaryLeft({ temporary }: Pick<Stack, "temporary">): Promise<Breach[]> {
  const names = await leftIn(temporary);
  return names.length === 0
    ? []
    : [
        {
          invariant: "temporary folders are removed",
          how: `${names.length} are left, ${names[0] ?? ""} among them`,
        },
      ];
}

/** The folder of received answers stays once there was one; what lies in it is what may be left. */
async function leftIn(temporary: string): Promise<string[]> {
  const names = (await readdir(temporary)).filter((name) => name.startsWith("darkroom-"));
  const left = names.map(async (name) =>
    name.startsWith("darkroom-answers-") ? readdir(join(temporary, name)) : [name],
  );
  return (await Promise.all(left)).flat();
}

/** One look over everything: it also finds what came after a run had been checked. */
export async function storedWithoutJob({ storage: connection }: Pick<Stack, "storage">): Promise<Breach[]> {
  const storage = new StorageView(connection);
  const [jobs, slots, deliveries, images] = await Promise.all([
    storage.rows("jobs"),
    storage.rows("slots"),
    storage.rows("deliveries"),
    storage.blobs("images"),
  ]);
  const known = new Set(jobs.map(({ rowKey }) => rowKey));
  const slotsOf = Map.groupBy(slots, ({ partitionKey }) => partitionKey);
  const imagesOf = Map.groupBy(images, (name) => name.slice(0, name.indexOf("/")));
  const rowsWithout = (table: string, rows: readonly StoredRow[]) => {
    const orphans = rows.filter(({ partitionKey }) => !known.has(partitionKey));
    return orphans.length === 0
      ? []
      : [
          `${orphans.length} rows of ${table} without their job, ${orphans[0]?.partitionKey ?? ""} ${orphans[0]?.rowKey ?? ""}`,
        ];
  };
  const blobs = [...imagesOf].flatMap(([job, names]) =>
    orphanBlobs(job, { images: names, slots: slotsOf.get(job) ?? [] }),
  );
  const hows = [
    ...rowsWithout("slots", slots),
    ...rowsWithout("deliveries", deliveries),
    ...(blobs.length === 0 ? [] : [`nothing tells of ${blobs.length} blobs, ${blobs[0] ?? ""}`]),
  ];
  return hows.map((how) => ({ invariant: "no blob without its row, and no row without its job", how }));
}

/** The index (ARCHITECTURE.md, Storage) is read in each round: what nobody must look after any more is not in it. */
async function pendingThoughDelivered({ storage }: Pick<Stack, "storage">): Promise<Breach[]> {
  const rows = await new StorageView(storage).rows("jobs");
  const pending = new Set(
    rows.flatMap(({ partitionKey, jobId }) => (partitionKey === "pending" ? [jobId] : [])),
  );
  const left = rows.filter(
    ({ rowKey, open, notification, deletedAt }) =>
      pending.has(rowKey) && open === false && notification === "sent" && deletedAt === undefined,
  );
  return left.length === 0
    ? []
    : [
        {
          invariant: "an ended job that was told of is pending no more",
          how: `${left.length} are in the index, ${left[0]?.rowKey ?? ""} among them`,
        },
      ];
}
