import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

// Two deployments, whose pool takes three requests a minute; the simulator itself takes any number. Of a third the settings
// tell nothing, and the simulator takes two.
const darkroom = useDarkroom({
  simulatorSettings: { rate_limits: { "gpt-image": { requests: 2 } } },
  deployments: (place) => [
    { ...place("dalle3", "dall-e-3"), quota_pool: "shared", requests_per_minute: 3 },
    { ...place("again", "dall-e-3"), deployment: "dalle3", quota_pool: "shared" },
    place("gpt-image", "gpt-image-1"),
  ],
});

it("jobs of deployments that share a pool send what it takes in a minute, and the others wait unsent", async () => {
  const model = "dall-e-3";
  const two = await darkroom.run({ model, deployment: "dalle3", n: 2, prompt: "pool one" });
  expect(two.images).toHaveLength(2);
  await darkroom.run({ model, deployment: "again", prompt: "pool two" });

  const { id } = await darkroom.accept({ model, deployment: "again", prompt: "pool three" });
  // Its step has run, and has sent nothing.
  await expect.poll(() => stepsRun(), { timeout: 30_000 }).toBe(4);
  expect(await darkroom.calls("pool")).toHaveLength(3);
  // Those who look share what was read a second ago.
  await expect.poll(async () => (await darkroom.job(id)).waiting?.reason, { timeout: 30_000 }).toBe("quota");
  const waiting = await darkroom.job(id);
  expect(waiting.status).toBe("running");
  expect(waiting.error).toBeUndefined();
  // All who look are told the same: the job, a poll, the events.
  expect(waiting.waiting).toMatchObject({ reason: "quota", since: waiting.created_at, position: 0 });
  const untilMs = Date.parse(waiting.waiting?.until ?? "");
  expect(untilMs).toBeGreaterThan(Date.parse(waiting.created_at) + 10_000);
  expect(Date.parse(waiting.estimated_end ?? "")).toBeGreaterThan(untilMs);
  const polled = await fetch(waiting.links.result);
  expect(polled.status).toBe(202);
  expect(Number(polled.headers.get("retry-after"))).toBeGreaterThan(5);
  const seen = await firstEvents(waiting.links.events, "job.waiting");
  expect(seen).toContain('"reason":"quota"');
});

/** What a watcher is sent, up to the first event of that type. */
async function firstEvents(url: string, type: string): Promise<string> {
  const { body } = (await fetch(url)) as { body: AsyncIterable<Uint8Array> | null };
  let text = "";
  for await (const bytes of body ?? []) {
    text += new TextDecoder().decode(bytes);
    if (text.split(`event: ${type}\n`)[1]?.includes("\n\n")) break;
  }
  return text.split(`event: ${type}\n`)[1] ?? "";
}

function stepsRun(): number {
  return [...darkroom.log.matchAll(/Executed 'Functions\.render-images'/g)].length;
}

it("a job whose turn would come too late is refused with when to ask again, and nothing is recorded", async () => {
  const answer = await darkroom.post({
    model: "dall-e-3",
    prompt: "pool four",
    queue_deadline_seconds: 1,
  });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(1);
  expect(await answer.json()).toMatchObject({ error: { code: "throttled", retryable: true } });
});

it("a limit that no setting tells is learnt from the service's replies, and nothing is sent to be turned away", async () => {
  const image = { model: "gpt-image-1", quality: "low", size: "1024x1024" };
  for (const prompt of ["learnt one", "learnt two"]) await darkroom.run({ ...image, prompt });
  const { id } = await darkroom.accept({ ...image, prompt: "learnt three" });
  await expect.poll(async () => (await darkroom.job(id)).waiting?.reason, { timeout: 30_000 }).toBe("quota");
  expect((await darkroom.calls("learnt")).map(({ status }) => status)).toEqual([200, 200]);
});
