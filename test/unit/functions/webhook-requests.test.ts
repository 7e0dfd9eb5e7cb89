import { describe, expect, it } from "vitest";
import type { ErrorReply, Job } from "../../../src/contracts/http-api.ts";
import { generationsPost } from "../../../src/functions/generations-post.ts";
import { draftFromInbox } from "../../../src/edits/inbox.ts";
import { signedWebhooks } from "../../../src/adapters/net/signed-webhooks.ts";
import { type App, anApp, caller } from "../../support/app.ts";
import { aPhoto } from "../../support/edit-pictures.ts";
import { aForm, asJson, onlyJob, uploaded } from "../../support/edit-requests.ts";
import { hostileUrlSample } from "../../support/hostile-urls.ts";
import { type Sent, send } from "../../support/http.ts";
import { receiverUrl } from "../../support/webhook-jobs.ts";

const generations = "/api/images/generations";
const imageParams = { webhook_url: receiverUrl, webhook_events: ["job.failed", "job.canceled"] };
const recorded = { url: receiverUrl, events: imageParams.webhook_events };

const errorOf = (json: unknown) => (json as ErrorReply).error;

/** Each way to ask for an edit or a generation, with the name that its webhook's fields have there. */
const ways: [
  string,
  "generationsPost" | "editsPost" | "uploadsPost",
  string,
  (app: App, imageParams: object) => Promise<Sent>,
][] = [
  [
    "a generation",
    "generationsPost",
    "",
    async (_app, more) => asJson({ prompt: "a cat", ...more }, generations),
  ],
  [
    "an edit in JSON",
    "editsPost",
    "",
    async (app, more) => asJson({ prompt: "a hat", images: [uploaded(app, await aPhoto())], ...more }),
  ],
  [
    "an edit's form",
    "editsPost",
    "",
    async (_app, more) => {
      const texts = Object.entries(more).map(([name, value]) => [name, [value].flat().join(",")] as const);
      return aForm({ prompt: "a hat", image: await aPhoto(), ...Object.fromEntries(texts) });
    },
  ],
  [
    "an edit that waits for uploads",
    "uploadsPost",
    "on_complete.",
    async (_app, more) => asJson({ on_complete: { prompt: "a hat", ...more } }, "/api/uploads"),
  ],
];

describe.each(ways)("%s", (_name, endpoint, prefix, sentWith) => {
  it("records who is to be told of what, and starts a job that will", async () => {
    const app = anApp();
    const answer = await app.ask(endpoint, await sentWith(app, imageParams));
    expect([answer.status, onlyJob(app).webhook]).toEqual([endpoint === "uploadsPost" ? 201 : 202, recorded]);
    expect(app.runner.started).toHaveLength(1);
  });

  it("is told of every end unless it says otherwise, and of none when it names nobody", async () => {
    const [notified, silent] = [anApp(), anApp()];
    await notified.ask(endpoint, await sentWith(notified, { webhook_url: receiverUrl }));
    expect(onlyJob(notified).webhook?.events).toEqual(["job.succeeded", "job.failed", "job.canceled"]);
    await silent.ask(endpoint, await sentWith(silent, {}));
    expect(onlyJob(silent)).not.toHaveProperty("webhook");
  });

  it("is refused by its field when the address may not be called, and the address is not repeated", async () => {
    const app = anApp();
    app.webhooks.refused.set(receiverUrl, "leads to an address that isn't public.");
    const { status, json, text } = await app.ask(endpoint, await sentWith(app, imageParams));
    const param = `${prefix}webhook_url`;
    expect([status, errorOf(json).param]).toEqual([400, param]);
    expect(errorOf(json).message).toBe(`${param} leads to an address that isn't public.`);
    expect(text).not.toMatch(/s3cret|hooks\.example/);
    expect([app.jobs.jobs.size, app.runner.started.length]).toEqual([0, 0]);
  });

  it("is refused when nothing could sign it, and told what the operator must set", async () => {
    const app = anApp();
    app.webhooks.callersWithout.add(caller);
    const { status, json } = await app.ask(endpoint, await sentWith(app, imageParams));
    expect([status, errorOf(json).param]).toEqual([400, `${prefix}webhook_url`]);
    expect(errorOf(json).message).toContain("WEBHOOK_SECRETS");
    expect(app.jobs.jobs.size).toBe(0);
  });

  it.each([
    [{ webhook_events: ["job.failed"] }, "webhook_events"],
    [{ webhook_url: receiverUrl, webhook_events: ["job.exploded"] }, "webhook_events.0"],
    [{ webhook_url: `https://a.example/${"x".repeat(2_048)}` }, "webhook_url"],
  ])("is refused when it makes no sense: %j", async (wrong, param) => {
    const app = anApp();
    const { status, json } = await app.ask(endpoint, await sentWith(app, wrong));
    expect([status, errorOf(json).param]).toEqual([400, `${prefix}${param}`]);
    expect(app.jobs.jobs.size).toBe(0);
  });
});

it("a request that comes again gets its job, though its receiver may not be called any more", async () => {
  const app = anApp();
  const sent = asJson({ prompt: "a cat", ...imageParams }, generations);
  const keyed = { ...sent, headers: { ...sent.headers, "idempotency-key": "once" } };
  const first = await app.ask("generationsPost", keyed);
  app.webhooks.refused.set(receiverUrl, "names a host that can't be found.");
  const again = await app.ask("generationsPost", keyed);
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
  expect((again.json as Job).id).toBe((first.json as Job).id);
  expect(app.jobs.jobs.size).toBe(1);
});

describe("a file of the inbox", () => {
  const inbox = (app: App) => ({ ...app, inboxCaller: "key:edit-inbox" });

  it("names its webhook in the sidecar", async () => {
    const app = anApp();
    app.uploads.drop("edit-inbox/cat.json", { prompt: "a hat", image: "cat.png", ...imageParams });
    expect((await draftFromInbox(inbox(app), "cat.json"))?.webhook).toEqual(recorded);
  });

  it("names its webhook in metadata", async () => {
    const app = anApp();
    const metadata = { prompt: "a hat", webhook_url: receiverUrl, webhook_events: "job.failed,job.canceled" };
    app.uploads.drop("edit-inbox/cat.png", await aPhoto(), metadata);
    expect((await draftFromInbox(inbox(app), "cat.png"))?.webhook).toEqual(recorded);
  });

  it("with a webhook that may not be called is a failed job that says so", async () => {
    const app = anApp();
    app.webhooks.refused.set(receiverUrl, "must begin with https://.");
    app.uploads.drop("edit-inbox/cat.json", { prompt: "a hat", image: "cat.png", ...imageParams });
    const job = await draftFromInbox(inbox(app), "cat.json");
    expect(job).toMatchObject({
      status: "failed",
      failure: { message: "webhook_url must begin with https://." },
    });
    expect(job).not.toHaveProperty("webhook");
  });
});

describe("a hostile address of each kind", () => {
  const webhooks = signedWebhooks({
    secrets: new Map([[caller, ["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"]]]),
    clock: { now: () => new Date() },
    allowlist: ["http://allowed.example:9000"],
    resolve: async () => {
      throw new Error("no address in this list should be looked up");
    },
  });

  it("is refused with a 400 that names the field, and repeats nothing of it", async () => {
    for (const webhook_url of hostileUrlSample) {
      const app = anApp();
      const endpoint = generationsPost({ ...app, runner: () => app.runner, webhooks });
      const sent = { ...asJson({ prompt: "a cat", webhook_url }, generations) };
      const answer = await send(endpoint, { ...sent, headers: { ...sent.headers, "x-caller": caller } });
      expect([webhook_url, answer.status, errorOf(answer.json).param]).toEqual([
        webhook_url,
        400,
        "webhook_url",
      ]);
      expect(answer.text).not.toContain("s3cret");
      expect(answer.log.join()).not.toContain("s3cret");
    }
  });
});

it("a job shows whom it tells by the host alone, and neither path nor query", async () => {
  const app = anApp();
  const { json, text, log } = await app.ask(
    "generationsPost",
    asJson({ prompt: "a cat", ...imageParams }, generations),
  );
  expect((json as Job).webhook).toEqual({
    url: "https://hooks.example/…",
    events: imageParams.webhook_events,
  });
  expect(text + log.join()).not.toMatch(/s3cret|hooks\.example\/darkroom/);
});
