import { beginJobWith } from "../../src/activities/begin-job.ts";
import { finishJobWith } from "../../src/activities/finish-job.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { storePartial, removeUnreferenced } from "../../src/activities/store-partial.ts";
import { makeThumbnailsWith } from "../../src/activities/make-thumbnails.ts";
import { notifyCompletionWith } from "../../src/activities/notify-completion.ts";
import { renderImagesWith } from "../../src/activities/render-images.ts";
import { failedSlots } from "../../src/activities/store-image.ts";
import { errorInfo } from "../../src/domain/app-error.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { tableDeliveryStore } from "../../src/adapters/storage/delivery-store.ts";
import { blobImageStore } from "../../src/adapters/storage/image-store.ts";
import { toEventRow } from "../../src/adapters/storage/job-entities.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { removeJob } from "../../src/retention/remove-job.ts";
import { FakeInputFiles } from "../support/edit-fakes.ts";
import { callSupport, FakeClock, FakeJobRunner, onlyModel, ScriptedImageModel } from "../support/fakes.ts";
import { aContext } from "../support/http.ts";
import { interruptedStorage } from "../support/interrupted-storage.ts";
import { aJob } from "../support/jobs.ts";
import { aPng } from "../support/pictures.ts";
import {
  dyingAfter,
  everything,
  laySlots,
  layStanding,
  put,
  type Storage,
  retentionOf,
} from "../support/retention.ts";
import { useAzurite } from "../support/storage.ts";
import { FakeDeliveryRunner, MemoryHookStore } from "../support/webhook-fakes.ts";
import { aWebhookRequest } from "../support/webhook-jobs.ts";
import { cipher } from "../support/cipher.ts";

const azurite = useAzurite();
let storage: Storage;
beforeAll(async () => {
  storage = azurite.clients();
  await storage.tables.ensure();
  await put(storage.blobs, "images");
  await put(storage.blobs, "uploads");
});

const ended = {
  status: "succeeded",
  finishedAt: "2026-01-02T03:05:00.000Z",
  notification: "pending",
  webhook: aWebhookRequest(),
} as const;
const step = (jobId: string) => ({ jobId, call: 1, slots: [1], deadline: Date.parse("2099-01-01") });

function storesOf({ blobs, tables }: Storage) {
  const images = blobImageStore(blobs, () => Promise.reject(new Error("nobody asks for links")), cipher);
  return { jobs: tableJobStore(tables), images, deliveries: tableDeliveryStore(tables) };
}
type Stores = ReturnType<typeof storesOf>;

/** All that writes for a job which may have ended meanwhile, and how the job then stands. */
const writers: [
  what: string,
  job: Partial<JobRecord>,
  write: (stores: Stores, id: string) => Promise<unknown>,
][] = [
  [
    "thumbnails",
    ended,
    ({ jobs, images }, jobId) =>
      makeThumbnailsWith({ jobs, images, thumbnails: { make: async () => [aPng(), aPng()] } })({
        jobId,
        images: [0],
      }),
  ],
  [
    "deliveries",
    ended,
    ({ jobs, deliveries }, jobId) =>
      notifyCompletionWith({
        ...{ jobs, deliveries, hooks: new MemoryHookStore(), clock: new FakeClock() },
        deliveryRunner: () => new FakeDeliveryRunner(),
      })({ jobId }, aContext()),
  ],
  [
    "a partial image",
    { status: "running" },
    (stores, jobId) => storePartial(stores, { jobId, index: 1 }, { step: 0, bytes: aPng() }),
  ],
  [
    "a call and its image",
    { status: "running" },
    async (stores, jobId) => {
      const model = new ScriptedImageModel({ kind: "images", items: [{ kind: "image", bytes: aPng() }] });
      const support = { ...callSupport(new FakeClock()), inputs: new FakeInputFiles() };
      await renderImagesWith({ ...support, ...stores, models: onlyModel(model) })(step(jobId));
    },
  ],
  ["its beginning", {}, ({ jobs }, jobId) => beginJobWith({ jobs, clock: new FakeClock() })({ jobId })],
  [
    "its end",
    { status: "running" },
    ({ jobs, images }, jobId) => finishJobWith({ jobs, images, clock: new FakeClock() })({ jobId }),
  ],
  [
    "failures",
    { status: "running" },
    ({ jobs }, jobId) => jobs.settleSlots(jobId, failedSlots([1], errorInfo("internal", "It failed."))),
  ],
];

async function lay(change: Partial<JobRecord>): Promise<JobRecord> {
  const job = aJob(change);
  await storesOf(storage).jobs.create(job);
  if (job.status !== "queued") await laySlots(storage, job.id, [0]);
  await layStanding(storage, job);
  await put(storage.blobs, "images", `${job.id}/0.png`);
  return job;
}

/** A job that goes on is canceled before it is removed. */
async function remove(from: Storage, job: JobRecord): Promise<void> {
  const canceled = { status: "canceled", finishedAt: "2026-01-02T03:04:09.000Z" } as const;
  await storesOf(from).jobs.end(job.id, async () => ({ end: canceled, slots: [] }));
  await removeJob(retentionOf(from, new FakeClock()), new FakeJobRunner(), job);
}

/** Until it succeeds, as the host does it. */
async function retried(run: () => Promise<unknown>): Promise<void> {
  await run().catch(run).catch(run);
}

const left = async ({ id }: JobRecord) => (await everything(storage)).filter((entry) => entry.includes(id));

describe.each(writers)("of a deleted job nothing is left by the writer of %s", (_, change, write) => {
  it("whichever of the writer's requests the deletion comes before", async () => {
    let requests = 1;
    for (let at = 0; at < requests; at += 1) {
      const job = await lay(change);
      const cut = interruptedStorage(storage, at, () => remove(storage, job));
      await retried(() => write(storesOf(cut), job.id));
      if (at === 0) requests = Math.max(requests, await countOf(change, write));
      expect([at, await left(job)]).toEqual([at, []]);
    }
  });

  it("whichever of the deletion's requests the writer comes before", async () => {
    let requests = 1;
    for (let at = 0; at < requests; at += 1) {
      const job = await lay(change);
      const cut = interruptedStorage(storage, at, () => retried(() => write(storesOf(storage), job.id)));
      await remove(cut, job);
      requests = cut.asked();
      expect([at, await left(job)]).toEqual([at, []]);
    }
  });
});

/** How many requests a writer makes that nothing comes between. */
async function countOf(change: Partial<JobRecord>, write: (typeof writers)[number][2]): Promise<number> {
  const job = await lay(change);
  const whole = interruptedStorage(storage, Infinity, () => Promise.resolve());
  await write(storesOf(whole), job.id);
  await remove(storage, job);
  return whole.asked();
}

it("a job whose deletion was cut off is gone to all who read it, and is found to go on with", async () => {
  const job = await lay(ended);
  await expect(remove(dyingAfter(storage, 2), job)).rejects.toThrow("storage is away");
  const { jobs } = storesOf(storage);
  const retention = retentionOf(storage, new FakeClock());
  expect(await jobs.read(job.id)).toBeUndefined();
  expect(await jobs.hasEnded(job.id)).toBe(true);
  const query = { caller: job.caller, callerTag: job.id.slice(14, 26), limit: 100 };
  expect((await jobs.list(query)).jobs.map(([{ id }]) => id)).not.toContain(job.id);
  for await (const pending of retention.rows.listPending(new Date()))
    if (pending.job.id === job.id) {
      expect(pending.deletedAt).toBeDefined();
      await removeJob(retention, retention.runner(), pending.job);
    }
  expect(await left(job)).toEqual([]);
});

it("a preview whose writer was cut off behind the deletion goes with its event", async () => {
  const job = await lay({ status: "running" });
  await remove(storage, job);
  const blob = `${job.id}/1-partial-0.png`;
  await put(storage.blobs, "images", blob);
  await storage.tables.slots.createEntity(
    toEventRow(job.id, 2, { type: "image.partial", index: 1, step: 0, blob, contentType: "image/png" }),
  );
  await removeUnreferenced(storesOf(storage), job.id, [blob]);
  expect(await left(job)).toEqual([]);
});
