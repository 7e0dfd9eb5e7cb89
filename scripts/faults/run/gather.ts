import { ledgerView } from "../job-view.ts";
import type { JobView, LedgerCall } from "../job-view.ts";
import type { Stack } from "../stack/stack.ts";
import type { StorageView } from "../stack/storage-view.ts";
import type { Stored } from "./evidence.ts";

export async function storedUnder(storage: StorageView, jobId: string): Promise<Stored> {
  const [job, slots, deliveries, images, uploads] = await Promise.all([
    storage.jobRow(jobId),
    storage.rows("slots", jobId),
    storage.rows("deliveries", jobId),
    storage.blobs("images", `${jobId}/`),
    storage.blobs("uploads", `${jobId}/`),
  ]);
  return { job, slots, deliveries, images, uploads };
}

/** Hashes of the blobs that stand for a job's images. */
export async function hashesOf(
  storage: StorageView,
  { id, images }: JobView,
  blobs: readonly string[],
): Promise<Map<number, string | undefined>> {
  const hashes = new Map<number, string | undefined>();
  for (const { index } of images) {
    const blob = blobs.find((name) => new RegExp(`^${id}/${index}\\.[a-z]+$`).test(name));
    hashes.set(index, blob && (await storage.sha256("images", blob)));
  }
  return hashes;
}

/** What the service says of calls whose prompt holds the token. */
export async function ledgerOf({ simulator }: Stack, token: string): Promise<readonly LedgerCall[]> {
  const reply = await fetch(`${simulator}/simulator/ledger?prompt_includes=${token}`);
  return ledgerView.parse(await reply.json()).calls;
}
