import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";
import { aMask, aPicture, formOf } from "../support/edits.ts";

const darkroom = useSharedDarkroom();

it("a key brings back an edit that was sent as a form, also while waiting for it, and refuses another file; a deleted job's key makes no other", async () => {
  const [image, other, mask] = await Promise.all([aPicture(1), aPicture(2), aMask()]);
  const send = async (bytes: Buffer, headers: Record<string, string> = {}) =>
    darkroom.fetch("/api/images/edits", {
      method: "POST",
      headers: { "idempotency-key": darkroom.unused("an-edit"), ...headers },
      body: formOf({ images: [bytes], mask, fields: { prompt: "an edit once" } }),
    });
  const replies = await Promise.all([1, 2, 3].map(async () => send(image, { prefer: "wait=30" })));
  const jobs = await Promise.all(replies.map(async (reply) => (await reply.json()) as Job));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(jobs.map(({ status, images }) => [status, images.length])).toEqual(jobs.map(() => ["succeeded", 1]));
  expect(replies.filter(({ headers }) => headers.get("idempotency-replayed") === "true")).toHaveLength(2);

  const late = await send(image);
  expect([late.status, ((await late.json()) as Job).id]).toEqual([200, jobs[0]?.id]);
  const refused = await send(other);
  expect([refused.status, await refused.json()]).toMatchObject([
    422,
    { error: { code: "idempotencyMismatch" } },
  ]);

  const removed = await darkroom.fetch(`/api/jobs/${jobs[0]?.id ?? ""}`, { method: "DELETE" });
  expect(removed.status).toBe(204);
  const gone = await send(image);
  expect([gone.status, await gone.json()]).toMatchObject([410, { error: { code: "expired" } }]);
  expect(await darkroom.calls("an edit once")).toHaveLength(1);
});
