import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jobsDelete } from "../../src/functions/jobs-delete.ts";
import { anApp } from "../support/app.ts";
import { FakeClock } from "../support/fakes.ts";
import { send } from "../support/http.ts";
import { aJob } from "../support/jobs.ts";
import {
  anUploadId,
  clear,
  dyingAfter,
  everything,
  lay,
  put,
  type Storage,
  tidyIndex,
  retentionOf,
} from "../support/retention.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let storage: Storage;
beforeAll(() => {
  storage = azurite.clients();
});
beforeEach(() => clear(storage));

const upload = anUploadId();
const input = { blob: upload, contentType: "image/png", width: 1, height: 2, bytes: 3, sha256: "ab" };
const job = aJob({ status: "succeeded", inputs: { images: [input] } });
const other = aJob({ status: "succeeded" });

async function layBoth(): Promise<void> {
  await Promise.all([lay(storage, job, [0, 1]), lay(storage, other), put(storage.blobs, "uploads", upload)]);
}

async function remove(from: Storage): Promise<number> {
  const deps = { ...retentionOf(from, new FakeClock()), ids: anApp().ids };
  const sent = { path: `/api/jobs/${job.id}`, headers: { "x-caller": job.caller } };
  return (await send(jobsDelete(deps), sent)).status;
}

const isOf = (id: string) => (entry: string) => entry.includes(id);

describe("deleting a job", () => {
  it("leaves nothing of it in any container or table, and all of its neighbour", async () => {
    await layBoth();
    const before = await everything(storage);
    expect(before.filter(isOf(job.id)).length).toBeGreaterThan(14);
    expect(await remove(storage)).toBe(204);
    expect(await everything(storage)).toEqual(before.filter(isOf(other.id)));
    expect(await remove(storage)).toBe(404);
  });

  it("that was cut off at any of its writes can be repeated to the same end", async () => {
    await layBoth();
    const whole = dyingAfter(storage, Infinity);
    expect(await remove(whole)).toBe(204);
    const left = await everything(storage);
    const ofIndex = whole.written() - 2;
    for (let most = 0; most < whole.written(); most += 1) {
      await clear(storage);
      await layBoth();
      expect([most, await remove(dyingAfter(storage, most))]).toEqual([most, 500]);
      // Cut off before its last writes, those of the index, the job is gone already; the index is put right by its next reader.
      expect([most, await remove(storage)]).toEqual([most, most >= ofIndex ? 404 : 204]);
      await tidyIndex(storage);
      expect(await everything(storage)).toEqual(left);
    }
  }, 60_000);

  it("twice at once ends as once would", async () => {
    await layBoth();
    const statuses = await Promise.all([remove(storage), remove(storage), remove(storage)]);
    expect(statuses).toContain(204);
    expect(statuses.every((status) => [204, 404].includes(status))).toBe(true);
    expect((await everything(storage)).every(isOf(other.id))).toBe(true);
  });

  it("of more rows than one transaction holds leaves none", async () => {
    await layBoth();
    const { slots } = storage.tables;
    const rows = Array.from({ length: 250 }, (_, at) => ({
      partitionKey: job.id,
      rowKey: `call-${1_000 + at}`,
      json: "{}",
    }));
    for (let at = 0; at < rows.length; at += 50)
      await slots.submitTransaction(rows.slice(at, at + 50).map((row) => ["create", row]));
    expect(await remove(storage)).toBe(204);
    expect((await everything(storage)).some(isOf(job.id))).toBe(false);
  });
});
