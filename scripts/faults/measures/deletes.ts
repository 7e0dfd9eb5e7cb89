import { setTimeout as sleep } from "node:timers/promises";
import { inOrder } from "../campaign.ts";
import { Random } from "../random.ts";
import { type Report, tableOf } from "../report.ts";
import { storedUnder } from "../run/gather.ts";
import { Client } from "../stack/client.ts";
import { startStack } from "../stack/stack.ts";
import { StorageView } from "../stack/storage-view.ts";
import { ended, post } from "./post.ts";

const jobs = 200;
const maxMsAfter = 2_000;
const waitMs = 60_000;

/** Jobs of four large pictures, each deleted a moment after its end; what is left of them a minute later. */
export async function runDeletes(jobsAtOnce: number, app: string | undefined, report: Report): Promise<void> {
  const random = new Random(1);
  const stack = await startStack({ app });
  try {
    const storage = new StorageView(stack.storage);
    const deleted: string[] = [];
    const waits = Array.from({ length: jobs }, () => random.between(0, maxMsAfter));
    await inOrder(jobsAtOnce, waits, async (wait) => {
      const id = await post(stack, {
        model: "gpt-image-1",
        n: 4,
        prompt: `A deleted sea ${deleted.length} ${wait}`,
      });
      await ended(stack, id);
      await sleep(wait);
      await new Client(stack).until([204, 404], `/api/jobs/${id}`, { method: "DELETE" });
      deleted.push(id);
      if (deleted.length % 50 === 0) console.log(`${deleted.length} jobs deleted`);
    });
    await sleep(waitMs);
    const left = { jobs: 0, rows: 0, blobs: 0, inputs: 0 };
    for (const id of deleted) {
      const { job, slots, deliveries, images, uploads } = await storedUnder(storage, id);
      const rows = (job ? 1 : 0) + slots.length + deliveries.length;
      left.rows += rows;
      left.blobs += images.length;
      left.inputs += uploads.length;
      left.jobs += rows + images.length + uploads.length > 0 ? 1 : 0;
    }
    const { jobs: with_, rows, blobs, inputs } = left;
    console.log(
      tableOf(
        ["jobs deleted", "of which something is left", "rows", "blobs", "inputs"],
        [[deleted.length, with_, rows, blobs, inputs].map(String)],
      ),
    );
    if (with_ > 0)
      report.addEndState("deletes", [
        {
          invariant: "a deleted job leaves nothing",
          how: `${rows} rows and ${blobs + inputs} blobs of ${with_} jobs are left`,
        },
      ]);
  } finally {
    await stack.stop();
  }
}
