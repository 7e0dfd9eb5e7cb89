import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { aMask, aPicture, inboxOf, sentFiles, sha256, storageOf } from "../support/edits.ts";

/** The host finds nothing by looking, as in Azure: what isn't told of is known half a minute later. Jobs of the inbox belong to our own key. */

const darkroom = useDarkroom({
  settings: { LOCAL_HOST_BLOB_SCAN_MS: "0", EDIT_INBOX_CALLER: "local" },
});

const inbox = () => inboxOf(darkroom);
const notify = async (name: string, etag?: string) => inbox().notify(name, etag);
const result = async (name: string) => (await inbox().result(name)) as Omit<Job, "links">;
const results = async () => storageOf(darkroom).names("edit-results");
const prompted = (prompt: string, more: Record<string, string> = {}) => ({
  prompt: encodeURIComponent(prompt),
  ...more,
});

const logged = (pattern: RegExp) => [...darkroom.log.slice(from).matchAll(pattern)];
const handled = () => logged(/Executed 'Functions\.edit-inbox-created' \(Succeeded/g).length;
const failedRuns = () => logged(/Executed '[^']*' \(Failed/g).length;
const published = () => logged(/Executed 'Functions\.publish-result' \(Succeeded/g).length;
/** Ids of the jobs that were accepted since the test began, in order. */
const accepted = () => logged(/job (job_\w+) accepted/g).map(([, id = ""]) => id);
let from = 0;
beforeEach(() => (from = darkroom.log.length));

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 60_000 }).toBe(true);
}

describe("a file told of", () => {
  it("five times at once is one job and one call", async () => {
    const picture = await aPicture(41);
    await inbox().drop("five.png", picture, prompted("five at once"));
    await Promise.all(Array.from({ length: 5 }, async () => notify("five.png")));
    expect(await result("five.json")).toMatchObject({ status: "succeeded" });
    await until(() => handled() === 5);
    await notify("five.png");
    await until(() => handled() === 6);
    expect(accepted()).toHaveLength(1);
    expect(await darkroom.calls("five at once")).toHaveLength(1);
    expect(await sentFiles(darkroom, "five at once")).toEqual({
      images: [sha256(picture)],
      masks: [],
    });
  });

  it("that was deleted before is passed over", async () => {
    const { blob } = storageOf(darkroom);
    const etag = await inbox().drop("gone.png", await aPicture(43), prompted("gone"));
    await blob("edit-inbox", "gone.png").delete();
    await notify("gone.png", etag);
    await inbox().drop("here.png", await aPicture(44), prompted("here"));
    await notify("here.png");
    expect(await result("here.json")).toMatchObject({ status: "succeeded" });
    expect(accepted()).toHaveLength(1);
    expect(await darkroom.calls("gone")).toEqual([]);
    expect(await results()).not.toContain("gone.json");
    expect(await inbox().poisoned()).toBe(0);
    expect(failedRuns()).toBe(0);
  });

  it("that asks for nothing is passed over", async () => {
    await inbox().drop("plain.png", await aPicture(45));
    await notify("plain.png");
    await until(() => handled() === 1);
    expect(accepted()).toEqual([]);
    expect(await results()).not.toContain("plain.json");
  });
});

describe("a file that is overwritten", () => {
  it("during its job is two jobs, each of its own version, and the newer's result stays although it ended first", async () => {
    const [first, second] = [await aPicture(46), await aPicture(47)];
    await inbox().drop("over.png", first, prompted("the older [[latency=5000]]"));
    await notify("over.png");
    await expect.poll(() => darkroom.calls("the older"), { timeout: 30_000 }).toHaveLength(1);
    await inbox().drop("over.png", second, prompted("the newer"));
    await notify("over.png");
    expect(await result("over.json")).toMatchObject({
      request: { prompt: "the newer" },
    });
    const [older = "", newer = ""] = accepted();
    expect((await darkroom.job(older)).status).toBe("running");
    expect(await darkroom.ended(older)).toMatchObject({ status: "succeeded" });
    await until(() => published() === 2);
    expect(await result("over.json")).toMatchObject({
      id: newer,
      request: { prompt: "the newer" },
    });
    expect(await sentFiles(darkroom, "the older")).toEqual({
      images: [sha256(first)],
      masks: [],
    });
    expect(await sentFiles(darkroom, "the newer")).toEqual({
      images: [sha256(second)],
      masks: [],
    });
  });

  it("before its job read it fails that job with the reason, and is made in its new version", async () => {
    const [first, second, mask] = [await aPicture(48), await aPicture(49), await aMask()];
    await inbox().drop("early.png", first, prompted("read too late", { mask: "early-mask.png" }));
    await notify("early.png");
    await until(() => accepted().length === 1);
    await inbox().drop("early.png", second, prompted("read in time", { mask: "early-mask.png" }));
    await notify("early.png");
    await inbox().drop("early-mask.png", mask);
    await until(() => accepted().length === 2);
    const [older = "", newer = ""] = accepted();
    const failed = await darkroom.ended(older);
    expect(failed).toMatchObject({
      status: "failed",
      error: { code: "expired", retryable: false },
    });
    expect(failed.error?.message).toContain("overwritten before it could be read");
    expect(await darkroom.ended(newer)).toMatchObject({ status: "succeeded" });
    await until(() => published() === 2);
    expect(await result("early.json")).toMatchObject({
      id: newer,
      status: "succeeded",
    });
    expect(await darkroom.calls("read too late")).toEqual([]);
    expect(await sentFiles(darkroom, "read in time")).toEqual({
      images: [sha256(second)],
      masks: [sha256(mask)],
    });
  });
});

describe("a sidecar that can't be granted", () => {
  const prompt = "never sent";
  it.each([
    ["no JSON", "{ not json", /not valid JSON/],
    ["an unknown model", { prompt, image: "a.png", model: "dall-e-9" }, /model/],
    ["an image outside", { prompt, image: "../a.png" }, /beside/],
    ["a mask outside", { prompt, image: "a.png", mask: "b/../../a.png" }, /beside/],
    ["a path with backslashes", { prompt, image: "..\\a.png" }, /beside/],
    ["an absolute path", { prompt, image: "/a.png" }, /beside/],
    ["no prompt", { image: "a.png" }, /prompt/],
    ["an unknown field", { prompt, image: "a.png", colour: "red" }, /colour/],
    ["more than 512 KB", { prompt: prompt.repeat(60_000), image: "a.png" }, /524288/],
  ])("for %s fails in words, once, and leaves nothing", async (why, content, words) => {
    const before = await storageOf(darkroom).names("uploads");
    const name = `bad ${why}.json`;
    await inbox().drop(name, typeof content === "string" ? content : JSON.stringify(content));
    await notify(name);
    const failed = await result(name);
    expect(failed).toMatchObject({
      status: "failed",
      images: [],
      error: { retryable: false },
    });
    expect(failed.error?.message).toMatch(words);
    expect(JSON.stringify(failed)).not.toContain("sig=");
    expect(await darkroom.job(failed.id)).toMatchObject({
      status: "failed",
      error: failed.error,
    });
    // A queue gives back at once what failed: by now it would have run again.
    await sleep(300);
    expect([handled(), failedRuns(), await inbox().poisoned()]).toEqual([1, 0, 0]);
    expect(await storageOf(darkroom).names("uploads")).toEqual(before);
    expect(await darkroom.calls(prompt)).toEqual([]);
  });
});

it("a file that the host gave up is a failed job with a result, whatever it was", async () => {
  await inbox().drop("given up.json", JSON.stringify({ prompt: "given up", image: "a.png" }));
  await inbox().poison("given up.json");
  const failed = await result("given up.json");
  expect(failed).toMatchObject({
    status: "failed",
    images: [],
    error: { code: "internal" },
  });
  expect(failed.error?.message).toMatch(/Drop it again/);
  await until(async () => (await inbox().poisoned()) === 0);
  expect(await darkroom.calls("given up")).toEqual([]);
  // It was there from the start, or the host would have told of each look at it.
  expect(darkroom.log).not.toMatch(/Queue '[^']*':/);
});

it("results name blobs that are there, of the bytes they tell, and hold no link", async () => {
  await inbox().drop("many.png", await aPicture(50), prompted("many", { n: "3" }));
  await notify("many.png");
  const { images, ...rest } = (await inbox().result("many.json")) as {
    images: { blob: string; sha256: string }[];
  };
  expect(images).toHaveLength(3);
  for (const image of images) expect(sha256(await inbox().read(image.blob))).toBe(image.sha256);
  expect(JSON.stringify({ images, rest })).not.toMatch(/sig=|https?:/);
});
