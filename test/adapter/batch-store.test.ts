import { beforeAll, expect, it } from "vitest";
import { randomJobIds } from "../../src/adapters/crypto/job-id-maker.ts";
import { blobBatchStore } from "../../src/adapters/storage/batch-store.ts";
import { ownerTag } from "../../src/domain/job-id.ts";
import type { BatchRecord, BatchStore } from "../../src/ports/batches.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let store: BatchStore;
beforeAll(() => {
  store = blobBatchStore(azurite.clients().blobs);
});

function aBatch(caller: string, at: number): BatchRecord {
  const id = randomJobIds({ now: () => new Date(at) }).nextBatch(caller);
  return {
    id,
    caller,
    format: "csv",
    createdAt: new Date(at).toISOString(),
    lines: [{ line: 2, state: "waiting" }],
  };
}
async function open(): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of store.listOpen()) ids.push(id);
  return ids;
}

it("a batch is made once, is open until it is closed, and is changed by the one who read it last", async () => {
  const batch = aBatch("key:a", 1_000);
  const requests = [{ line: 2, request: { prompt: "Fuß 山 ".repeat(20_000) } }];
  expect(await Promise.all([store.create(batch, requests), store.create(batch, requests)])).toEqual(
    expect.arrayContaining([true, false]),
  );
  expect(await store.readRequests(batch.id)).toEqual(requests);
  expect(await open()).toEqual([batch.id]);
  const read = await store.read(batch.id);
  expect(read?.batch).toEqual(batch);
  const changed = { ...batch, lines: [{ line: 2, state: "canceled" as const }] };
  const first = await store.save({ batch: changed, etag: read?.etag ?? "" });
  expect(await store.save({ batch, etag: read?.etag ?? "" })).toBeUndefined();
  expect(await store.read(batch.id)).toEqual(first);
  await store.close(batch.id);
  await store.close(batch.id);
  expect(await open()).toEqual([]);
  await store.removeRequests(batch.id);
  expect([await store.readRequests(batch.id), await store.read("bat_none")]).toEqual([[], undefined]);
});

it("a caller's batches are listed newest first, in pages, and no other's", async () => {
  const made = [1, 2, 3].map((at) => aBatch("key:b", at * 1_000));
  for (const batch of [...made, aBatch("key:c", 4_000)]) await store.create(batch, []);
  const callerTag = ownerTag("batch", made[0]?.id ?? "");
  const first = await store.list({ callerTag, limit: 2 });
  const second = await store.list({ callerTag, limit: 2, after: first.next });
  expect([first, second].map(({ batches }) => batches.map(({ id }) => id))).toEqual([
    [made[2]?.id, made[1]?.id],
    [made[0]?.id],
  ]);
  expect(second.next).toBeUndefined();
});

it("of names that are given at once the first stands", async () => {
  const given = await Promise.all(["1", "2", "3"].map((id) => store.nameOnce("name", { id, bodyHash: id })));
  expect(new Set(given.map(({ id }) => id)).size).toBe(1);
  expect(await store.nameOnce("name", { id: "4", bodyHash: "4" })).toEqual(given[0]);
});
