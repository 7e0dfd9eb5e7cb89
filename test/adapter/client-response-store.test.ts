import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { responseName } from "../../src/domain/client-response.ts";
import { ownerTag } from "../../src/domain/job-id.ts";
import type { ClientResponses, Holding } from "../../src/ports/client-responses.ts";
import type { IdempotencyStore } from "../../src/ports/jobs.ts";
import { tableIdempotencyStore } from "../../src/adapters/storage/idempotency-store.ts";
import { tableClientResponses } from "../../src/adapters/storage/client-response-store.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let idempotency: IdempotencyStore;
let responses: ClientResponses;
beforeAll(() => {
  const { tables } = azurite.clients();
  idempotency = tableIdempotencyStore(tables);
  responses = tableClientResponses(tables);
});

const noon = "2026-01-02T12:00:00.000Z";
const until = "2026-01-02T12:00:06.000Z";
const since = new Date(noon);

/** A job whose response is being waited for; `bodyHash` is what it has in common with equal requests. */
async function recorded(bodyHash: string, createdAt = noon): Promise<Holding> {
  const job = aJob({ createdAt });
  const tag = ownerTag("job", job.id);
  await idempotency.record(job, {
    kind: "firstTry",
    tag,
    name: responseName({ bodyHash, jobId: job.id }),
    bodyHash,
  });
  return { tag, bodyHash, jobId: job.id, holder: "" };
}
const one = async ({ tag, bodyHash, jobId }: Holding) =>
  (await responses.list(tag, bodyHash, since)).find((each) => each.jobId === jobId);

it("is written with its job, and found among those of equal requests since a time", async () => {
  const [bodyHash, other] = [randomUUID(), randomUUID()];
  const [first, second] = [await recorded(bodyHash), await recorded(bodyHash)];
  await recorded(bodyHash, "2026-01-02T11:59:59.999Z");
  await recorded(other);
  const listed = await responses.list(first.tag, bodyHash, since);
  expect(listed.map(({ jobId }) => jobId).sort()).toEqual([first.jobId, second.jobId].sort());
  expect(listed[0]).toEqual({ jobId: listed[0]?.jobId, bodyHash, recordedAt: noon });
});

it("is taken by one of twenty requests, and never as it was before it changed", async () => {
  const holding = await recorded(randomUUID());
  await responses.change(holding, { outcome: "lost", settledAt: noon });
  const seen = await one(holding);
  if (!seen) throw new Error("It is not there.");
  const takers = Array.from({ length: 20 }, (_, index) => ({ ...holding, holder: `taker ${index}` }));
  const taken = await Promise.all(takers.map(async (taker) => responses.take(seen, taker, until)));
  expect(taken.filter(Boolean)).toHaveLength(1);
  const { jobId, bodyHash } = holding;
  const holder = takers[taken.indexOf(true)]?.holder;
  expect(await one(holding)).toEqual({ jobId, bodyHash, recordedAt: noon, holder, heldUntil: until });
  expect(await responses.take(seen, { ...holding, holder: "late" }, until)).toBe(false);
});

it("is changed by the one who holds it, and by nobody who did", async () => {
  const holding = await recorded(randomUUID());
  await responses.change(holding, { heldUntil: until });
  const seen = await one(holding);
  if (!seen) throw new Error("It is not there.");
  const next = { ...holding, holder: "next" };
  expect(await responses.take(seen, next, until)).toBe(true);
  await responses.change(holding, { outcome: "lost", settledAt: noon });
  expect((await one(holding))?.outcome).toBeUndefined();
  await responses.change(next, { outcome: "delivered", settledAt: noon });
  expect(await one(holding)).toMatchObject({ holder: "next", outcome: "delivered", settledAt: noon });
});
