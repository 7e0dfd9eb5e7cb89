import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UsageReport } from "../../src/contracts/usage.ts";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { LossyProxy } from "../support/lossy-proxy.ts";
import { pauseAfter } from "../support/polling.ts";

skipUnlessEmbedded("needs several instances");

const keys = {
  shop: "the-key-of-the-shop-in-tests",
  phone: "the-key-of-the-phone-in-tests",
  till: "the-key-of-the-till-in-tests",
  desk: "the-key-of-the-desk-in-tests",
};
const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
const price = { model: "dall-e-3", per_image: 0.04, currency: "USD", source: "here", as_of: "2026-11-30" };

const budget = (amount: number) => ({ budget: { amount, currency: "USD", period: "month" } });

// Between the app and the image service.
const proxy = new LossyProxy();
beforeAll(() => proxy.listen());
afterAll(() => proxy.close());

const darkroom = useDarkroom({
  instances: 2,
  deployments(place) {
    const dalle3 = place("dalle3", "dall-e-3");
    proxy.target = (dalle3 as { endpoint: string }).endpoint;
    return [{ ...dalle3, endpoint: proxy.url }];
  },
  settings: {
    API_KEYS: JSON.stringify(
      Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hashOf(key)])),
    ),
    PRICES: JSON.stringify([price]),
    CALLER_LIMITS: JSON.stringify({
      "*": { open_jobs: 3 },
      till: budget(0.4),
      desk: budget(0.12),
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

const jobOf = async (id: string, key = keys.till) =>
  (await darkroom.fetch(`/api/jobs/${id}`, { headers: { "api-key": key } })).json() as Promise<{
    status: string;
    images: unknown[];
    repeated_calls?: number;
    error?: { code: string };
  }>;

const hasPicture = ({ images }: { images: unknown[] }) => images.length > 0;

async function ended(id: string, key?: string) {
  const startedAt = performance.now();
  for (;;) {
    // Its front may be down.
    const job = await jobOf(id, key).catch(() => undefined);
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

it("an answer that was lost is paid for, and its call is sent again as long as there is money", async () => {
  const spent = async () => (await usageOf(keys.desk)).budget?.spent;
  const billed = async () => (await darkroom.ledger("at the desk")).totals.images_billed;
  proxy.losing = 1;
  const repeated = await ended(await idOf(await ask("desk", "at the desk, first")), keys.desk);
  expect(repeated).toMatchObject({ status: "succeeded", repeated_calls: 1 });
  await expect.poll(spent, { timeout: 60_000 }).toBe(0.08);
  expect(await billed()).toBe(2);

  proxy.losing = 1;
  const last = await ended(await idOf(await ask("desk", "at the desk, last", 1)), keys.desk);
  expect(last).toMatchObject({ status: "failed", error: { code: "budgetExceeded" } });
  await expect.poll(spent, { timeout: 60_000 }).toBe(0.12);
  expect([proxy.losing, await billed()]).toEqual([0, 3]);
  expect((await ask("desk", "at the desk, one more")).status).toBe(429);
});

it("a budget for ten images lets ten through of a hundred at two fronts, and over two kills exactly ten are billed", async () => {
  // Refused ones give back what was reserved for them.
  const refused = await Promise.all([0, 1].map((front) => ask("till", "refused [[refuse]]", front)));
  for (const reply of refused) expect(await ended(await idOf(reply))).toMatchObject({ status: "failed" });

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      ask("till", `paid ${at} [[latency=${2_000 + 500 * (at % 10)}]]`, at % 2),
    ),
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
  // All of them are at the service, which bills what it draws. Those that haven't come are in doubt.
  await expect.poll(async () => (await darkroom.calls("paid")).length, { timeout: 60_000 }).toBe(10);
  const isAnyMade = async () => (await Promise.all(ids.map((id) => jobOf(id)))).some(hasPicture);
  await expect.poll(isAnyMade, { timeout: 60_000 }).toBe(true);
  for (const instance of darkroom.running.instances) await instance.kill();
  const jobs = await Promise.all(ids.map((id) => ended(id)));
  // The service goes on with what nobody waits for any more.
  const totals = async () => (await darkroom.ledger("paid")).totals;
  await expect.poll(totals, { timeout: 60_000 }).toMatchObject({ generations: 10, images_billed: 10 });
  const codes = jobs.filter((job) => !hasPicture(job)).map(({ error }) => error?.code);
  expect(codes).toEqual(codes.map(() => "budgetExceeded"));
  // Nothing is left: a call whose end nobody saw counts as spent.
  expect((await ask("till", "one more")).status).toBe(429);
  const { budget, lines } = await usageOf(keys.till);
  expect(budget).toMatchObject({ amount: 0.4, spent: 0.4, reserved: 0, left: 0 });
  expect(lines).toMatchObject([{ model: "dall-e-3", jobs: 12, open_jobs: 0 }]);
}, 120_000);
