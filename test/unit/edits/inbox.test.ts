import { describe, expect, it } from "vitest";
import { resolveDeployments } from "../../../src/domain/deployment.ts";
import { tagOfId } from "../../../src/domain/job-id.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";
import { draftFromInbox, draftFromPoison } from "../../../src/edits/inbox.ts";
import { randomJobIds } from "../../../src/adapters/crypto/job-id-maker.ts";
import { deployments } from "../../support/app.ts";
import { MemoryUploadStore } from "../../support/edit-fakes.ts";
import { FakeClock } from "../../support/fakes.ts";
import { FakeWebhooks } from "../../support/webhook-fakes.ts";

const inboxCaller = "app:inbox";

function anInbox() {
  const clock = new FakeClock();
  const uploads = new MemoryUploadStore(clock);
  const ids = randomJobIds(clock);
  const offers = resolveDeployments(deployments, knownModels);
  const webhooks = new FakeWebhooks();
  const deps = {
    clock,
    uploads,
    ids,
    offers,
    inboxCaller,
    webhooks,
    jobDeadlineSeconds: 1_800,
    queueDeadlineSeconds: 1_800,
    prices: [],
  };
  const drop = (blob: string, ...content: [Uint8Array | string | object, Record<string, string>?]) =>
    uploads.drop(`edit-inbox/${blob}`, ...content);
  return {
    ...deps,
    drop,
    draft: async (blob: string) => draftFromInbox(deps, blob),
    poison: async (blob: string) => draftFromPoison(deps, blob),
  };
}

async function drafted(blob: string, ...content: [Uint8Array | string | object, Record<string, string>?]) {
  const inbox = anInbox();
  inbox.drop(blob, ...content);
  const job = await inbox.draft(blob);
  if (!job) throw new Error("It asks for nothing.");
  return job;
}

const named = (name: string, blob = name) => ({
  param: `image ${JSON.stringify(name)}`,
  container: "edit-inbox",
  blob,
});

/** A job that failed before it began, with the reason. */
const failed = (code: string, message: RegExp) => ({
  status: "failed",
  model: "",
  deployment: "",
  request: { prompt: "", n: 1, size: "" },
  finishedAt: "2026-03-04T05:06:07.000Z",
  failure: { code, message: expect.stringMatching(message) as string, retryable: false },
});

describe("a sidecar", () => {
  it("is a job that waits ten minutes for the files it names", async () => {
    const job = await drafted("cat.json", { prompt: "a hat", image: "cat.png" });
    expect(job).toEqual({
      id: job.id,
      caller: inboxCaller,
      kind: "edit",
      status: "queued",
      model: "gpt-image-1",
      deployment: "image",
      request: { prompt: "a hat", n: 1, size: "auto", quality: "high", output_format: "png" },
      createdAt: "2026-03-04T05:06:07.000Z",
      deadline: "2026-03-04T05:46:07.000Z",
      queueDeadline: "2026-03-04T05:46:07.000Z",
      latestEnd: "2026-03-04T06:16:07.000Z",
      awaits: { images: [named("cat.png")], until: "2026-03-04T05:16:07.000Z" },
      inbox: { blob: "cat.json", modifiedAt: "2026-03-04T05:06:07.000Z" },
      notification: "pending",
    });
    expect(tagOfId("job", job.id)).toBe(anInbox().ids.tagOf(inboxCaller));
  });

  it("names several images in order, and a mask", async () => {
    const { awaits } = await drafted("cat.json", {
      prompt: "a hat",
      image: ["b.png", "a.jpg"],
      mask: "m.png",
    });
    expect(awaits).toMatchObject({
      images: [named("b.png"), named("a.jpg")],
      mask: { param: `mask "m.png"`, container: "edit-inbox", blob: "m.png" },
    });
  });

  it("names files beside itself, in folders too", async () => {
    const { awaits } = await drafted("shop/7/cat.json", {
      prompt: "a hat",
      image: ["cat.png", "more/b.png"],
    });
    expect(awaits?.images).toEqual([
      named("cat.png", "shop/7/cat.png"),
      named("more/b.png", "shop/7/more/b.png"),
    ]);
  });

  it("may ask for all that a request may", async () => {
    const imageParams = {
      model: "gpt-image-2",
      n: 2,
      size: "1536x1024",
      mask_invert: true,
      mask_mode: "resize",
      user: "u",
    };
    const job = await drafted("a.json", {
      prompt: "a hat",
      image: "a.png",
      tags: ["x"],
      metadata: { y: "z" },
      ...imageParams,
    });
    expect(job).toMatchObject({
      model: "gpt-image-2",
      request: { n: 2, size: "1536x1024", mask_invert: true, mask_mode: "resize", user: "u" },
      tags: ["x"],
      metadata: { y: "z" },
    });
  });

  it("may begin with a byte order mark, and its name may end in capitals", async () => {
    const text = `\ufeff${JSON.stringify({ prompt: "ein Hut €", image: "a.png" })}`;
    expect(await drafted("A.JSON", text)).toMatchObject({
      status: "queued",
      request: { prompt: "ein Hut €" },
    });
  });

  it.each([
    "..",
    "../a.png",
    "x/../../a.png",
    "/abs.png",
    "x//a.png",
    "x/",
    "./a.png",
    ".",
    "back\\slash.png",
    "a\u0000.png",
    "a\nb.png",
    "a\u0085.png",
    "\ud800.png",
    "x".repeat(1_022),
  ])("that names %.20j, which isn't a file beside it, fails", async (image) => {
    const job = await drafted("in/a.json", { prompt: "a hat", image });
    expect(job).toMatchObject(
      failed("invalidRequest", /^image ".+" must name a file beside the one that names it/),
    );
    expect(job.awaits).toBeUndefined();
    const masked = await drafted("in/a.json", { prompt: "a hat", image: "a.png", mask: image });
    expect(masked).toMatchObject(failed("invalidRequest", /^mask ".+" must name a file/));
  });

  it.each(["..a.png", "a..png", "ä €.png", `"quoted".png`, "100%.png", "x".repeat(1_021)])(
    "may name %.20j",
    async (image) => {
      expect((await drafted("in/a.json", { prompt: "a hat", image })).awaits?.images[0]?.blob).toBe(
        `in/${image}`,
      );
    },
  );

  it("whose names are too long together to be recorded fails", async () => {
    const image = Array.from({ length: 16 }, (_, index) => `${index}${"x".repeat(900)}`);
    expect(await drafted("a.json", { prompt: "a hat", image })).toMatchObject(
      failed("invalidRequest", /use shorter names/),
    );
  });

  it.each<[string, string | object | Uint8Array, string, RegExp]>([
    ["is not JSON", "{", "invalidRequest", /^bad\.json is not valid JSON in UTF-8\.$/],
    ["is empty", "", "invalidRequest", /not valid JSON/],
    ["is not UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22]), "invalidRequest", /not valid JSON in UTF-8/],
    ["is a list", "[]", "invalidRequest", /^The sidecar must be a JSON object\.$/],
    [
      "is too large",
      " ".repeat(512 * 1024 + 1),
      "tooLarge",
      /^bad\.json has 524289 bytes; a sidecar may have 524288\.$/,
    ],
    ["has no image", { prompt: "a hat" }, "invalidRequest", /^image is required\.$/],
    ["has no prompt", { image: "a.png" }, "invalidRequest", /^prompt is required\.$/],
    [
      "has an unknown field",
      { prompt: "a", image: "a.png", images: [] },
      "invalidRequest",
      /^images is not a known field/,
    ],
    [
      "has 17 images",
      { prompt: "a", image: Array.from({ length: 17 }, () => "a.png") },
      "invalidRequest",
      /at most 16/,
    ],
    [
      "names an unknown model",
      { prompt: "a", image: "a.png", model: "x" },
      "invalidRequest",
      /^model is not one that is deployed here: gpt-image-1, gpt-image-2\.$/,
    ],
    [
      "names a model that can't edit",
      { prompt: "a", image: "a.png", model: "dall-e-3" },
      "invalidRequest",
      /^dall-e-3 can't edit images/,
    ],
    [
      "asks what its model can't",
      { prompt: "a", image: "a.png", n: 10, size: "1x1" },
      "invalidRequest",
      /size "1x1"/,
    ],
  ])("that %s is a job that has failed, with the reason", async (_what, content, code, message) => {
    const job = await drafted("bad.json", content);
    expect(job).toMatchObject({
      ...failed(code, message),
      caller: inboxCaller,
      kind: "edit",
      inbox: { blob: "bad.json" },
    });
  });

  it("of the largest size is read", async () => {
    const text = JSON.stringify({ prompt: "a hat", image: "a.png" });
    expect(await drafted("a.json", text.padEnd(512 * 1024))).toMatchObject({ status: "queued" });
  });

  it("that is too large is not even opened", async () => {
    const inbox = anInbox();
    inbox.drop("a.json", " ".repeat(512 * 1024 + 1));
    inbox.uploads.outage.of("open");
    expect(await inbox.draft("a.json")).toMatchObject({ status: "failed" });
  });
});

describe("an image with a prompt in its metadata", () => {
  it("is a job for this version of it alone", async () => {
    const inbox = anInbox();
    const { etag } = inbox.drop("in/cat.png", "png", { prompt: "a hat" });
    expect(await inbox.draft("in/cat.png")).toMatchObject({
      status: "queued",
      request: { prompt: "a hat", size: "auto" },
      awaits: { images: [{ ...named("in/cat.png"), etag }], until: "2026-03-04T05:16:07.000Z" },
      inbox: { blob: "in/cat.png" },
    });
  });

  it("tells its request as text, percent-encoded, and what isn't ours is left alone", async () => {
    const job = await drafted("cat.png", "png", {
      prompt: "ein%20Hut%20f%C3%BCr%205%25",
      n: "2",
      size: "1024x1536",
      quality: "low",
      model: "gpt-image-1",
      mask: "m%C3%A4sk.png",
      mask_invert: "true",
      tags: "theirs",
      metadata: "theirs",
      hdi_isfolder: "false",
      image: "theirs",
    });
    expect(job).toMatchObject({
      status: "queued",
      request: { prompt: "ein Hut für 5%", n: 2, size: "1024x1536", quality: "low", mask_invert: true },
      awaits: { mask: { param: `mask "mäsk.png"`, blob: "mäsk.png" } },
    });
    expect([job.tags, job.metadata]).toEqual([undefined, undefined]);
  });

  it.each([
    [{ prompt: "100%" }, /^prompt is not valid percent-encoded UTF-8; write a % as %25\.$/],
    [{ prompt: "%FF" }, /^prompt is not valid percent-encoded/],
    [{ prompt: "a", mask: "%" }, /^mask is not valid percent-encoded/],
    [{ prompt: "a", mask: "..%2Fm.png" }, /^mask "\.\.\/m\.png" must name a file beside/],
    [{ prompt: "" }, /prompt must not be empty/],
    [{ prompt: "a", n: "two" }, /^n must be an integer from 1 to 10/],
    [{ prompt: "a", model: "gone" }, /^model is not one/],
  ])("of %j is a job that has failed, with the reason", async (metadata, message) => {
    expect(await drafted("cat.png", "png", metadata)).toMatchObject(failed("invalidRequest", message));
  });

  it("with an empty mask has none", async () => {
    expect((await drafted("cat.png", "png", { prompt: "a", mask: "" })).awaits).not.toHaveProperty("mask");
  });
});

describe("no job comes of", () => {
  it("an image that asks for nothing", async () => {
    const inbox = anInbox();
    inbox.drop("cat.png", "png", { author: "me" });
    expect(await inbox.draft("cat.png")).toBeUndefined();
  });

  it.each(["cat.png", "cat.json"])("%s when it is gone", async (blob) => {
    expect(await anInbox().draft(blob)).toBeUndefined();
  });

  it("a sidecar that is overwritten before it is opened, or while it is read: the new version has its own event", async () => {
    const inbox = anInbox();
    inbox.drop("a.json", { prompt: "old", image: "a.png" });
    inbox.uploads.beforeRead = () => {
      inbox.uploads.beforeRead = () => undefined;
      inbox.drop("a.json", { prompt: "new", image: "a.png" });
    };
    expect(await inbox.draft("a.json")).toBeUndefined();
    expect(await inbox.draft("a.json")).toMatchObject({ request: { prompt: "new" } });
    const open = inbox.uploads.open.bind(inbox.uploads);
    inbox.uploads.open = async (source) => {
      inbox.drop("a.json", { prompt: "newer", image: "a.png" });
      return open(source);
    };
    expect(await inbox.draft("a.json")).toBeUndefined();
  });
});

describe("an outage", () => {
  it.each(["find", "open"])(
    "of %s is no fault of the file: it is thrown, to be told again",
    async (operation) => {
      const inbox = anInbox();
      inbox.drop("a.json", { prompt: "a hat", image: "a.png" });
      inbox.uploads.outage.of(operation);
      await expect(inbox.draft("a.json")).rejects.toThrow("storage is away");
    },
  );
});

describe("a job's id", () => {
  it("is the same however often a version is told, and another for another version or place", async () => {
    const inbox = anInbox();
    const sidecar = { prompt: "a hat", image: "a.png" };
    inbox.drop("a.json", sidecar);
    const jobIds = new Set<string | undefined>();
    for (let time = 0; time < 5; time += 1) {
      inbox.clock.pass(1_000);
      jobIds.add((await inbox.draft("a.json"))?.id);
    }
    expect(jobIds.size).toBe(1);
    inbox.drop("a.json", sidecar);
    jobIds.add((await inbox.draft("a.json"))?.id);
    inbox.drop("b.json", sidecar);
    jobIds.add((await inbox.draft("b.json"))?.id);
    expect(jobIds.size).toBe(3);
  });
});

describe("a poisoned file", () => {
  it("is a failed job under the very id it would have had", async () => {
    const inbox = anInbox();
    inbox.drop("a.json", { prompt: "a hat", image: "a.png" });
    const job = await inbox.poison("a.json");
    expect(job).toMatchObject({
      id: (await inbox.draft("a.json"))?.id,
      status: "failed",
      inbox: { blob: "a.json" },
      failure: {
        code: "internal",
        message: expect.stringContaining("tried five times") as string,
        retryable: true,
      },
    });
  });

  it("with a prompt of its own is one too", async () => {
    const inbox = anInbox();
    inbox.drop("a.png", "png", { prompt: "a hat" });
    expect(await inbox.poison("a.png")).toMatchObject({ status: "failed" });
  });

  it("that asked for nothing, or is gone, is nothing: another file's result stands under its name", async () => {
    const inbox = anInbox();
    inbox.drop("a.png", "png");
    expect([await inbox.poison("a.png"), await inbox.poison("gone.json")]).toEqual([undefined, undefined]);
  });
});
