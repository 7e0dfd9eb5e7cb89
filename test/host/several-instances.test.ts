import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { type LiveDarkroom, useDarkroom } from "../support/darkroom.ts";

skipUnlessEmbedded("needs several instances");

const darkroom = useDarkroom({ instances: 2, simulatorArgs: ["--latency-scale", "1"] });

const models = [
  { model: "dall-e-2", size: "256x256", n: 2 },
  { model: "dall-e-3", size: "1024x1024", n: 2 },
  { model: "gpt-image-1", size: "1024x1024", n: 2 },
];

/** Twenty jobs, half of them at each of two fronts. */
function postTwenty(prompt: string): Promise<string[]> {
  const { instances, key } = darkroom.running;
  return Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const reply = await fetch(new URL("/api/images/generations", instances[index % 2]?.url), {
        method: "POST",
        headers: { "api-key": key ?? "", "content-type": "application/json" },
        body: JSON.stringify({ ...models[index % 3], prompt: `${prompt} ${index} [[latency=600]]` }),
      });
      expect(reply.status).toBe(202);
      return ((await reply.json()) as { id: string }).id;
    }),
  );
}

/** Activities of an instance that call the service. */
function callsBy({ log }: LiveDarkroom, instance: number): number {
  const lines = log.split("\n").filter((line) => line.startsWith(`[${instance}] `));
  return lines.filter((line) => /Executing 'Functions\.(render-images|submit-operation)'/.test(line)).length;
}

it("twenty jobs over two fronts succeed, both instances call the service, and no call is made twice", async () => {
  const ids = await postTwenty("shared");
  const jobs = await Promise.all(ids.map((id) => darkroom.ended(id)));
  for (const job of jobs) expect(job).toMatchObject({ status: "succeeded", failures: [] });
  for (const instance of [1, 2]) expect(callsBy(darkroom, instance)).toBeGreaterThan(0);
  const { operations, totals } = await darkroom.ledger("shared");
  expect(operations).toHaveLength(7);
  expect(totals.images_billed).toBe(40);
  // Either front answers for all of them.
  const { instances, key } = darkroom.running;
  const seen = await Promise.all(
    instances.map(async ({ url }) => {
      const reply = await fetch(new URL(`/api/jobs/${ids[0]}`, url), { headers: { "api-key": key ?? "" } });
      return ((await reply.json()) as { status: string }).status;
    }),
  );
  expect(seen).toEqual(["succeeded", "succeeded"]);
});

it("all end where one instance is killed while it is calling, and none is lost", async () => {
  const before = callsBy(darkroom, 2);
  const ids = await postTwenty("one lost");
  await expect.poll(() => callsBy(darkroom, 2), { timeout: 60_000 }).toBeGreaterThan(before);
  await darkroom.running.instances[1]?.kill();
  const jobs = await Promise.all(ids.map((id) => darkroom.ended(id)));
  for (const job of jobs) expect(job).toMatchObject({ status: "succeeded", failures: [] });
  expect(jobs.map(({ images }) => images.length)).toEqual(ids.map(() => 2));
});
