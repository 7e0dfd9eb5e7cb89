import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useDarkroom } from "../support/darkroom.ts";
import {
  aMask,
  aPicture,
  differences,
  inboxOf,
  killHost,
  sentFiles,
  sha256,
  square,
} from "../support/edits.ts";

/** Producers that never call the API: everything here goes through the plain storage client. */

type Result = Omit<Job, "images" | "links"> & { images: { blob: string }[]; source: string };

const data = mkdtempSync(join(tmpdir(), "darkroom-inbox-"));
const darkroom = useDarkroom({ data });
afterAll(() => rmSync(data, { recursive: true, force: true }));
const inbox = () => inboxOf(darkroom);
const result = async (name: string) => (await inbox().result(name)) as Result;

describe("a sidecar", () => {
  it("may come five seconds before its images, and changes what its mask leaves clear alone", async () => {
    const [picture, mask] = [await aPicture(31), await aMask()];
    const wish = { prompt: "sidecar first", image: "early.png", mask: "early-mask.png", size: square };
    await inbox().drop("a/early.json", JSON.stringify(wish));
    await sleep(5_000);
    await inbox().drop("a/early.png", picture);
    await inbox().drop("a/early-mask.png", mask);
    const done = await result("a/early.json");
    expect(done).toMatchObject({ kind: "edit", status: "succeeded", source: "edit-inbox/a/early.json" });
    expect(JSON.stringify(done)).not.toMatch(/sig=/);
    const edited = await inbox().read(done.images[0]?.blob ?? "");
    expect(await differences(picture, edited)).toEqual({
      inside: expect.toSatisfy((pixels: number) => pixels > 0) as number,
      outside: 0,
    });
  });

  it("may come after its images, which are sent in the order that it names", async () => {
    const pictures = [await aPicture(32), await aPicture(33)];
    await inbox().drop("one.png", pictures[0] ?? Buffer.alloc(0));
    await inbox().drop("two.png", pictures[1] ?? Buffer.alloc(0));
    await sleep(2_000);
    await inbox().drop(
      "late.json",
      JSON.stringify({ prompt: "sidecar last", image: ["two.png", "one.png"] }),
    );
    expect(await result("late.json")).toMatchObject({ status: "succeeded" });
    expect(await sentFiles(darkroom, "sidecar last")).toEqual({
      images: pictures.map(sha256).reverse(),
      masks: [],
    });
  });

  it("waits over a host that is killed, and is still one job", async () => {
    await inbox().drop("patient.json", JSON.stringify({ prompt: "over a kill", image: "patient.png" }));
    await sleep(2_000);
    await killHost(darkroom);
    const picture = await aPicture(34);
    await inbox().drop("patient.png", picture);
    expect(await result("patient.json")).toMatchObject({ status: "succeeded" });
    expect(await sentFiles(darkroom, "over a kill")).toEqual({ images: [sha256(picture)], masks: [] });
  });
});

describe("an image with a prompt", () => {
  it("is edited by it, in whatever script", async () => {
    const picture = await aPicture(35);
    await inbox().drop("metadata.png", picture, { prompt: encodeURIComponent("ein Fuß, 山水画"), n: "2" });
    const done = await result("metadata.json");
    expect(done).toMatchObject({ status: "succeeded", request: { prompt: "ein Fuß, 山水画", n: 2 } });
    expect(done.images).toHaveLength(2);
  });

  it("that is overwritten during its job is edited as it was, and then as it is", async () => {
    const pictures = [await aPicture(36), await aPicture(37)];
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = pictures;
    await inbox().drop("over.png", first, { prompt: encodeURIComponent("older [[latency=6000]]") });
    await expect.poll(() => darkroom.calls("older"), { timeout: 30_000 }).toHaveLength(1);
    await inbox().drop("over.png", second, { prompt: encodeURIComponent("newer") });
    await expect
      .poll(async () => (await result("over.json")).request["prompt"], { timeout: 60_000 })
      .toBe("newer");
    expect(await sentFiles(darkroom, "older")).toEqual({ images: [sha256(first)], masks: [] });
    expect(await sentFiles(darkroom, "newer")).toEqual({ images: [sha256(second)], masks: [] });
  });

  it("told five times is edited once", async () => {
    const picture = await aPicture(38);
    await inbox().drop("told.png", picture, { prompt: encodeURIComponent("told five times") });
    for (let told = 0; told < 5; told += 1) await inbox().tell("told.png", data);
    expect(await result("told.json")).toMatchObject({ status: "succeeded" });
    await sleep(5_000);
    expect(await darkroom.calls("told five times")).toHaveLength(1);
  });
});

describe("what can't be granted", () => {
  it.each([
    ["not-json.json", "{ not json", "invalidRequest", /not valid JSON/],
    ["escaping.json", '{"prompt":"x","image":"../secret.png"}', "invalidRequest", /beside/],
    ["promptless.json", '{"image":"a.png"}', "invalidRequest", /prompt is required/],
    ["unknown.json", '{"prompt":"x","image":"a.png","model":"dall-e-3"}', "invalidRequest", /can't edit/],
  ])("is a failed job with its reason: %s", async (name, content, code, message) => {
    await inbox().drop(name, content);
    expect(await result(name)).toMatchObject({
      status: "failed",
      error: { code, message: expect.stringMatching(message) as string },
    });
  });

  it("is told of a file whose image isn't one, and nothing of it stays or is sent", async () => {
    await inbox().drop("text.json", JSON.stringify({ prompt: "no picture", image: "text.png" }));
    await inbox().drop("text.png", "dear diary");
    expect(await result("text.json")).toMatchObject({
      status: "failed",
      error: { code: "unsupportedMedia" },
    });
    expect(await sentFiles(darkroom, "no picture")).toEqual({ images: [], masks: [] });
  });

  it("and was given up by the host after it had ended stays as it ended, and is drained", async () => {
    await inbox().drop("given-up.json", "{}");
    const ended = await result("given-up.json");
    await inbox().poison("given-up.json");
    await expect.poll(() => inbox().poisoned(), { timeout: 30_000 }).toBe(0);
    expect(await result("given-up.json")).toEqual(ended);
  });
});
