import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryList } from "../../src/contracts/deliveries.ts";
import type { Job } from "../../src/contracts/http-api.ts";
import { aPicture, killHost, runEdit } from "../support/edits.ts";
import { useHookedDarkroom } from "../support/hooked-darkroom.ts";
import { misfits } from "../support/schemas.ts";
import { type Received, signedHeaders } from "../support/webhook-receiver.ts";

/** Webhooks from end to end: the app on its host, a receiver that is somebody else's, and the verifiers that people use. */

const pathCanary = "canary-path-91fe";
const queryCanary = "canary-query-44d0";
const promptCanary = "canary-told-prompt-2b";
const { darkroom, receiver, restarts, histories } = useHookedDarkroom();

const hook = (name: string) => `${receiver.origin}/${name}/${pathCanary}?token=${queryCanary}`;
const postsTo = (name: string) => receiver.received.filter(({ path }) => path.startsWith(`/${name}/`));
const imageParams = (name: string, more: object = {}) => ({
  ...{ model: "dall-e-3", prompt: `${promptCanary} ${name}`, webhook_url: hook(name) },
  ...more,
});
const secret = () => darkroom.running.webhookSecret ?? "";
const messageOf = ({ body }: Received) => JSON.parse(body) as { type: string; data: Job };

async function deliveriesOf(jobId: string): Promise<Delivery[]> {
  const reply = await darkroom.fetch(`/api/jobs/${jobId}/deliveries`);
  expect(reply.status).toBe(200);
  return ((await reply.json()) as DeliveryList).deliveries;
}

/** The one delivery of a job, once it has the status; the test's own time-out is the limit. */
async function settled(jobId: string, status: Delivery["status"] = "delivered"): Promise<Delivery> {
  for (;;) {
    const [delivery, ...more] = await deliveriesOf(jobId);
    expect(more).toEqual([]);
    if (delivery?.status === status) return delivery;
    await sleep(50);
  }
}

describe("a job that ends", () => {
  it("is told once, in a message that both verifiers take, and that is the job without its links", async () => {
    const { id } = await darkroom.run(imageParams("first"));
    const delivery = await settled(id);
    expect(delivery).toMatchObject({ event: "job.succeeded", attempts: [{ status: 204 }] });
    const [post, ...more] = postsTo("first");
    if (!post || more.length > 0) throw new Error(`${more.length} POSTs too many`);

    const verified = new Webhook(secret()).verify(post.body, signedHeaders(post));
    const client = new OpenAI({ apiKey: "none", webhookSecret: secret() });
    expect(await client.webhooks.unwrap(post.body, signedHeaders(post))).toEqual(verified);
    expect(post.headers["webhook-id"]).toBe(delivery.id);
    expect(misfits(verified, "components", "schemas", "WebhookMessage")).toEqual([]);

    const job = await darkroom.job(id);
    const { data } = messageOf(post);
    expect(data).toMatchObject({
      id,
      status: "succeeded",
      request: job.request,
      finished_at: job.finished_at,
    });
    expect(data.images).toMatchObject([{ index: 0, sha256: job.images[0]?.sha256 }]);
    expect(post.body).not.toMatch(/sig=|signature|"links"|"url"/);
  });

  it("is told once each, twenty of them at a time", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `crowd-${index}`);
    const jobs = await Promise.all(names.map((name) => darkroom.run(imageParams(name))));
    await Promise.all(jobs.map(({ id }) => settled(id)));
    expect(names.map((name) => postsTo(name).map((post) => messageOf(post).data.id))).toEqual(
      jobs.map(({ id }) => [id]),
    );
  });

  it("without an image is told as failed, with the reason", async () => {
    const { id } = await darkroom.run(imageParams("failed", { prompt: "an odd request [[refuse]]" }));
    await settled(id);
    const [post] = postsTo("failed");
    expect(post && messageOf(post)).toMatchObject({
      type: "job.failed",
      data: { status: "failed", error: { code: "contentFilter" } },
    });
  });

  it("because it was canceled is told so", async () => {
    const { id } = await darkroom.accept(imageParams("canceled", { prompt: "a slow one [[latency=60000]]" }));
    const reply = await darkroom.fetch(`/api/jobs/${id}/cancel`, { method: "POST" });
    expect(reply.status).toBe(200);
    await settled(id);
    expect(postsTo("canceled").map(messageOf)).toMatchObject([
      { type: "job.canceled", data: { id, status: "canceled" } },
    ]);
  });

  it("in a way that nobody wants to hear of is not told", async () => {
    const silent = await darkroom.run(
      imageParams("silent", { webhook_events: ["job.failed", "job.canceled"] }),
    );
    const loud = await darkroom.run(imageParams("loud", { webhook_events: ["job.succeeded"] }));
    await settled(loud.id);
    expect([postsTo("silent"), await deliveriesOf(silent.id)]).toEqual([[], []]);
  });

  it("with a very long prompt is told in 4 KB that say so", async () => {
    const { id } = await darkroom.run(
      imageParams("long", { prompt: `${promptCanary} ${"é".repeat(3_900)}` }),
    );
    await settled(id);
    const [post] = postsTo("long");
    expect(Buffer.byteLength(post?.body ?? "")).toBeLessThanOrEqual(4_096);
    expect(new Webhook(secret()).verify(post?.body ?? "", post ? signedHeaders(post) : {})).toMatchObject({
      truncated: true,
      data: { id },
    });
  });

  it("is told when it is an edit that came as a form", async () => {
    const fields = {
      prompt: "a hat",
      size: "1024x1024",
      webhook_url: hook("edit"),
      webhook_events: "job.succeeded",
    };
    const { id } = await runEdit(darkroom, { images: [await aPicture(1)], fields });
    await settled(id);
    expect(postsTo("edit").map((post) => messageOf(post).data)).toMatchObject([{ id, kind: "edit" }]);
  });
});

describe("a webhook", () => {
  it.each([
    "http://127.0.0.1:1/hook",
    "https://127.0.0.1/hook",
    "https://169.254.169.254/metadata",
    "https://ann:s3cret@hooks.example.com/",
    "https://localhost/",
    "nonsense",
  ])("to %s is refused before anything is spent", async (webhook_url) => {
    const refusal = await darkroom.refused({
      prompt: "refused hook",
      webhook_url: `${webhook_url}?${queryCanary}`,
    });
    expect(refusal).toMatchObject({ status: 400, code: "invalidRequest", param: "webhook_url" });
    expect(JSON.stringify(refusal)).not.toContain(queryCanary);
    expect(await darkroom.calls("refused hook")).toEqual([]);
  });

  it("that was delivered is sent again when asked, under the same id", async () => {
    const { id } = await darkroom.run(imageParams("again"));
    const delivery = await settled(id);
    const address = `/api/jobs/${id}/deliveries/${delivery.id}/redeliver`;
    expect((await darkroom.fetch(address, { method: "POST" })).status).toBe(202);
    while (postsTo("again").length < 2) await sleep(50);
    const { attempts } = await settled(id);
    expect(attempts.map(({ status }) => status)).toEqual([204, 204]);
    const [first, second] = postsTo("again");
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.body).toBe(first?.body);
  });

  it("that fails is tried again, and its tries can be read meanwhile", async () => {
    receiver.answer = ({ path }, response) =>
      response.writeHead(path.startsWith("/shaky/") && postsTo("shaky").length === 1 ? 500 : 204).end();
    const { id } = await darkroom.run(imageParams("shaky"));
    const pending = await settled(id, "pending");
    expect(pending.next_attempt_at).toMatch(/Z$/);
    expect((await settled(id)).attempts).toMatchObject([
      { status: 500, failure: "The receiver answered 500." },
      { status: 204 },
    ]);
  });

  it("that is cut off by the end of the host is sent again after it, under the same id", async () => {
    // The first POST is left without an answer for as long as the host lives.
    receiver.answer = ({ path }, response) => {
      if (!path.startsWith("/killed/") || restarts() > 0) response.writeHead(204).end();
    };
    const { id } = await darkroom.accept(imageParams("killed"));
    while (postsTo("killed").length === 0) await sleep(20);
    await killHost(darkroom);
    const delivery = await settled(id);
    const ids = postsTo("killed").map(({ headers }) => headers["webhook-id"]);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ids)).toEqual(new Set([delivery.id]));
    expect(delivery.attempts).toHaveLength(1);
  });
});

it("neither log nor history holds an address, a secret or a word of a message", async () => {
  const signingSecret = secret();
  await darkroom.stop();
  const recorded = histories();
  expect(recorded.some((history) => history.includes("webhook-delivery"))).toBe(true);
  for (const canary of [pathCanary, queryCanary, promptCanary, signingSecret, signingSecret.slice(6)]) {
    expect(recorded.filter((history) => history.includes(canary))).toEqual([]);
    expect(darkroom.log).not.toContain(canary);
  }
});
