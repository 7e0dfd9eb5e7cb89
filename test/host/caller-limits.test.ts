import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { UsageReport } from "../../src/contracts/usage.ts";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { pauseAfter } from "../support/polling.ts";

skipUnlessEmbedded("needs several instances");

const keys = {
  shop: "the-key-of-the-shop-in-tests",
  phone: "the-key-of-the-phone-in-tests",
  till: "the-key-of-the-till-in-tests",
};
const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
const price = { model: "dall-e-3", per_image: 0.04, currency: "USD", source: "here", as_of: "2026-11-30" };

const darkroom = useDarkroom({
  instances: 2,
  deployments: (place) => [place("dalle3", "dall-e-3")],
  settings: {
    API_KEYS: JSON.stringify(
      Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hashOf(key)])),
    ),
    PRICES: JSON.stringify([price]),
    CALLER_LIMITS: JSON.stringify({
      "*": { open_jobs: 3 },
      till: { budget: { amount: 0.4, currency: "USD", period: "month" } },
    }),
  },
});

/** One image, asked for at either front. */
const ask = (caller: keyof typeof keys, prompt: string, instance = 0) =>
  post(keys[caller], "/api/images/generations", { model: "dall-e-3", prompt }, instance);

async function post(key: string, path: string, body: object, instance = 0): Promise<Response> {
  const url = new URL(path, darkroom.running.instances[instance]?.url);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function usageOf(key: string) {
  const headers = { authorization: `Bearer ${key}` };
  return (await darkroom.fetch("/api/usage", { headers })).json() as Promise<UsageReport>;
}

async function idOf(reply: Response): Promise<string> {
  expect(reply.status).toBe(202);
  return ((await reply.json()) as { id: string }).id;
}

const jobOf = async (id: string) =>
  (await darkroom.fetch(`/api/jobs/${id}`, { headers: { "api-key": keys.till } })).json() as Promise<{
    status: string;
    images: unknown[];
  }>;

async function ended(id: string) {
  const startedAt = performance.now();
  for (;;) {
    // Its front may be down.
    const job = await jobOf(id).catch(() => undefined);
    if (job?.status === "succeeded" || job?.status === "failed") return job;
    await pauseAfter(startedAt);
  }
}

it("of twenty requests at once three make a job, and more when those have ended", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask("phone", "limit one")));
  const accepted = answers.filter(({ status }) => status === 202);
  const refused = answers.filter(({ status }) => status === 429);
  // A job that had ended meanwhile would have made room for another.
  expect(accepted.length).toBeGreaterThanOrEqual(3);
  expect(accepted.length + refused.length).toBe(20);
  expect(refused[0]?.headers.get("ratelimit")).toBe('"open-jobs";r=0');
  expect(refused[0]?.headers.get("ratelimit-policy")).toBe('"open-jobs";q=3');
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  await expect
    .poll(async () => (await ask("phone", "limit one")).status, { timeout: 60_000, interval: 500 })
    .toBe(202);
});

it("a leaked token spends what it was given, over both fronts, and gets back what was refused", async () => {
  const max_spend = { amount: 0.08, currency: "USD" };
  const issued = await post(keys.shop, "/api/tokens", { subject: "ann", max_spend });
  const { token } = (await issued.json()) as { token: string };
  const leak = (prompt: string, at: number) =>
    post(token, "/api/images/generations", { model: "dall-e-3", prompt }, at % 2);
  await idOf(await leak("leaked [[refuse]]", 0));
  await expect.poll(async () => (await usageOf(token)).budget?.left, { timeout: 60_000 }).toBe(0.08);
  const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => leak("leaked", at)));
  expect(replies.filter(({ status }) => status === 202)).toHaveLength(2);
  await expect.poll(async () => (await usageOf(token)).budget?.spent, { timeout: 60_000 }).toBe(0.08);
  expect((await leak("leaked", 1)).status).toBe(429);
  expect((await darkroom.ledger("leaked")).totals.images_billed).toBe(2);
});

it("a budget for ten images lets ten through of a hundred at two fronts, and pays for ten over two kills", async () => {
  // Refused ones give back what was reserved for them.
  const refused = await Promise.all([0, 1].map((front) => ask("till", "refused [[refuse]]", front)));
  for (const reply of refused) expect(await ended(await idOf(reply))).toMatchObject({ status: "failed" });

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => ask("till", `paid ${at} [[latency=2000]]`, at % 2)),
  );
  const over = answers.filter(({ status }) => status === 429);
  expect(over).toHaveLength(90);
  const error = {
    code: "budgetExceeded",
    retryable: false,
    message: expect.stringContaining("0 USD are left") as string,
  };
  expect(await over[0]?.json()).toMatchObject({ error });
  expect(Number(over[0]?.headers.get("retry-after"))).toBeGreaterThan(0);

  const ids = await Promise.all(answers.filter(({ status }) => status === 202).map(idOf));
  for (const kill of [0, 1]) {
    await expect
      .poll(async () => (await darkroom.calls("paid")).length, { timeout: 30_000 })
      .toBeGreaterThan(0);
    await darkroom.running.instances[kill]?.kill();
  }
  const jobs = await Promise.all(ids.map(ended));
  const { totals } = await darkroom.ledger("paid");
  expect(totals.images_billed).toBeLessThanOrEqual(10);
  expect(jobs.flatMap(({ images }) => images).length).toBeLessThanOrEqual(totals.images_billed);
  // Nothing is left: a call whose end nobody saw counts as spent.
  expect((await ask("till", "one more")).status).toBe(429);
  const { budget, lines } = await usageOf(keys.till);
  expect(budget).toMatchObject({ amount: 0.4, spent: 0.4, reserved: 0, left: 0 });
  expect(lines).toMatchObject([{ model: "dall-e-3", jobs: 12, open_jobs: 0 }]);
}, 120_000);
