import { expect, it } from "vitest";
import { anApp, caller, keep } from "../../support/app.ts";
import { aPhoto } from "../../support/edit-pictures.ts";
import { aForm } from "../../support/edit-requests.ts";
import { storedSlot } from "../../support/slots.ts";

const priced = (model: string, perImage: number) => ({
  ...{ model, perImage, currency: "USD", source: "https://example.org", asOf: "2026-11-30" },
});
const prices = [priced("dall-e-3", 40_000), priced("gpt-image-1", 100_000)];
const budget = { amount: 200_000, currency: "USD", period: "month" } as const;
const offered = [
  { name: "dalle3", model: "dall-e-3", kind: "azure" },
  { name: "image", model: "gpt-image-1", kind: "azure" },
] as const;
const app = () => anApp({ prices, limits: { budget }, offered: [...offered] });

const post = (to: ReturnType<typeof anApp>, body: object) =>
  to.ask("generationsPost", {
    path: "/api/images/generations",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

it("a dry run says where a generation would run, what it would cost and what is left, and records nothing", async () => {
  const dry = app();
  const body = { model: "dall-e-3", prompt: "a cat", n: 2, dry_run: true };
  const { status, json } = await post(dry, body);
  expect([status, json]).toMatchObject([
    200,
    {
      ...{ dry_run: true, kind: "generation", model: "dall-e-3", deployment: "dalle3" },
      request: { prompt: "a cat", n: 2, size: "1024x1024" },
      cost: { currency: "USD", estimated: 0.08 },
      budget: { amount: 0.2, spent: 0, reserved: 0, left: 0.2, renews_at: "2026-04-01T00:00:00.000Z" },
    },
  ]);
  expect([dry.jobs.jobs.size, dry.runner.started]).toEqual([0, []]);
  expect((await post(dry, { ...body, n: 6 })).json).toMatchObject({ error: { code: "budgetExceeded" } });
  expect((await post(dry, { ...body, size: "1x1" })).status).toBe(400);
});

it("a dry run of an edit takes back the files that came with it", async () => {
  const dry = app();
  const sent = await aForm({ prompt: "a hat", image: await aPhoto(), dry_run: "true" });
  const { status, json } = await dry.ask("editsPost", sent);
  expect([status, json]).toMatchObject([200, { dry_run: true, kind: "edit", cost: { estimated: 0.1 } }]);
  expect([dry.jobs.jobs.size, [...dry.uploads.blobs.keys()]]).toEqual([0, []]);
});

it("usage has a line for each day, model and set of tags, and what is left of the budget", async () => {
  const used = app();
  const price = { currency: "USD", perImage: 40_000 };
  const ended = { status: "succeeded", caller, price, model: "dall-e-3" } as const;
  const made = (id: string, createdAt: string, tags: string[], images: number) =>
    keep(
      used,
      { ...ended, id, createdAt, tags },
      Array.from({ length: images }, (_, at) => storedSlot(at)),
    );
  await made("a", "2026-03-03T10:00:00.000Z", ["spring", "blue"], 2);
  await made("b", "2026-03-03T11:00:00.000Z", ["blue", "spring"], 1);
  await made("c", "2026-03-02T11:00:00.000Z", [], 1);
  await made("before", "2026-02-28T11:00:00.000Z", [], 1);
  await keep(used, { ...ended, id: "other", caller: "key:other", createdAt: "2026-03-03T10:00:00.000Z" });
  await post(used, { model: "gpt-image-1", prompt: "a cat" });

  const line = { day: "2026-03-03", model: "dall-e-3", tags: ["blue", "spring"], jobs: 2, images: 3 };
  const { json } = await used.ask("usageGet", { path: "/api/usage" });
  expect(json).toMatchObject({
    ...{ from: "2026-03-01", to: "2026-03-04", budget: { reserved: 0.1, left: 0.1 } },
    lines: [
      { day: "2026-03-04", model: "gpt-image-1", jobs: 1, open_jobs: 1, images: 0 },
      { ...line, open_jobs: 0, cost: { currency: "USD", actual: 0.12 } },
      { day: "2026-03-02", tags: [], images: 1 },
    ],
  });
  for (const query of ["from=2026-03-05", "from=2025-01-01", "from=yesterday", "until=2026-03-05"])
    expect((await used.ask("usageGet", { path: `/api/usage?${query}` })).status).toBe(400);
});
