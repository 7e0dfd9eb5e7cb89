import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
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
  storageOf,
} from "../support/edits.ts";

/** Producers that never call the API: everything here goes through the plain storage client. */

type Result = Omit<Job, "images" | "links"> & { images: { blob: string }[]; source: string };

const darkroom = useDarkroom();
/** In a folder of this run: a drop of an earlier one has its result already. */
const placed = (name: string) => `${darkroom.unused("drops")}/${name}`;
const inbox = () => inboxOf(darkroom);
const drop = (name: string, ...file: [Uint8Array | string, Record<string, string>?]) =>
  inbox().hand(placed(name), ...file);
const result = async (name: string) => (await inbox().result(placed(name))) as Result;

describe("a sidecar", () => {
  it("may come five seconds before its images, and changes what its mask leaves clear alone", async () => {
    const [picture, mask] = [await aPicture(31), await aMask()];
    const imageParams = { prompt: "sidecar first", image: "early.png", mask: "early-mask.png", size: square };
    await drop("a/early.json", JSON.stringify(imageParams));
    await sleep(5_000);
    await drop("a/early.png", picture);
    await drop("a/early-mask.png", mask);
    const done = await result("a/early.json");
    expect(done).toMatchObject({
      kind: "edit",
      status: "succeeded",
      source: `edit-inbox/${placed("a/early.json")}`,
    });
    expect(JSON.stringify(done)).not.toMatch(/sig=/);
    const edited = await inbox().read(done.images[0]?.blob ?? "");
    expect(await differences(picture, edited)).toEqual({
      inside: expect.toSatisfy((pixels: number) => pixels > 0) as number,
      outside: 0,
    });
  });

  it("may come after its images, which are sent in the order that it names", async () => {
    const [one, two] = [await aPicture(32), await aPicture(33)];
    await drop("one.png", one);
    await drop("two.png", two);
    await sleep(2_000);
    await drop("late.json", JSON.stringify({ prompt: "sidecar last", image: ["two.png", "one.png"] }));
    expect(await result("late.json")).toMatchObject({ status: "succeeded" });
    expect(await sentFiles(darkroom, "sidecar last")).toEqual({
      images: [two, one].map(sha256),
      masks: [],
    });
  });

  it("waits over a host that is killed, and is still one job", async () => {
    await drop("patient.json", JSON.stringify({ prompt: "over a kill", image: "patient.png" }));
    await sleep(2_000);
    await killHost(darkroom);
    const picture = await aPicture(34);
    await drop("patient.png", picture);
    expect(await result("patient.json")).toMatchObject({ status: "succeeded" });
    expect(await sentFiles(darkroom, "over a kill")).toEqual({ images: [sha256(picture)], masks: [] });
  });
});

describe("an image with a prompt", () => {
  it("is edited by it, in whatever script", async () => {
    const picture = await aPicture(35);
    await drop("metadata.png", picture, { prompt: encodeURIComponent("ein Fuß, 山水画"), n: "2" });
    const done = await result("metadata.json");
    expect(done).toMatchObject({ status: "succeeded", request: { prompt: "ein Fuß, 山水画", n: 2 } });
    expect(done.images).toHaveLength(2);
  });
});

describe("a CSV of generations", () => {
  const size = Number(process.env["BATCH_LINES"] ?? 12);
  const generate = (name: string) => storageOf(darkroom).blob("generate-inbox", placed(name));
  const prompts = Array.from({ length: size }, (_, at) => `line ${at} of a CSV`);
  /** A line in ten asks for too many images. */
  const isBad = (at: number) => at % 10 === 3;
  const csv = [
    "prompt,model,n",
    ...prompts.map((prompt, at) => `"${prompt}",dall-e-2,${isBad(at) ? 99 : 1}`),
    "",
  ].join("\n");
  const drop = async (text: string) => (await generate("batch.csv").upload(text, text.length)).etag;

  interface Manifest {
    file: string;
    created_at: string;
    items: { line: number; status: string; job_id?: string; error?: { param: string }; job?: Result }[];
  }
  async function manifestAfter(previous?: string): Promise<Manifest> {
    const file = storageOf(darkroom).blob("generate-results", placed("batch.json"));
    for (let round = 0; round < 900; round += 1) {
      const found = (await file.exists()) ? (await file.downloadToBuffer()).toString() : "{}";
      const manifest = JSON.parse(found) as Partial<Manifest>;
      if (manifest.items && manifest.created_at !== previous) return manifest as Manifest;
      await sleep(200);
    }
    throw new Error("There is no manifest.");
  }

  it("has one manifest in its order over a kill, and dropped again pays for nothing that is made", async () => {
    await drop(csv);
    await expect.poll(() => darkroom.log, { timeout: 60_000 }).toMatch(/job job_\w+ accepted: generation/);
    await killHost(darkroom);
    const first = await manifestAfter();
    expect(first.items.map(({ line }) => line)).toEqual(prompts.map((_, at) => at + 2));
    for (const [at, { status, job, error }] of first.items.entries())
      if (isBad(at)) expect([status, error?.param]).toEqual(["refused", "n"]);
      else expect([status, job?.request]).toMatchObject(["succeeded", { prompt: prompts[at] }]);
    const sent = async () =>
      (await Promise.all(prompts.map((prompt) => darkroom.calls(prompt)))).map(({ length }) => length);
    const before = await sent();
    for (const [at, count] of before.entries())
      expect(count).toBe(isBad(at) ? 0 : 1 + (first.items[at]?.job?.repeated_calls ?? 0));

    // A line is mended, and stands first now.
    await drop(csv.replace("prompt,model,n\n", `prompt,model,n\nmended,dall-e-2,1\n`));
    const second = await manifestAfter(first.created_at);
    expect(second.items.map(({ status }) => status)).toEqual([
      "succeeded",
      ...first.items.map(({ status }) => status),
    ]);
    expect(second.items.slice(1).map(({ job_id }) => job_id)).toEqual(
      first.items.map(({ job_id }) => job_id),
    );
    expect(await sent()).toEqual(before);
  });
});

it("a file whose image isn't one fails in words, and nothing of it stays or is sent", async () => {
  await drop("text.json", JSON.stringify({ prompt: "no picture", image: ["fine.png", "text.png"] }));
  await drop("fine.png", await aPicture(36));
  await drop("text.png", "dear diary");
  const failed = await result("text.json");
  expect(failed).toMatchObject({ status: "failed", error: { code: "unsupportedMedia" } });
  expect(failed.error?.message).toMatch(/^image "text\.png" is /);
  expect(await darkroom.calls("no picture")).toEqual([]);
  expect(await storageOf(darkroom).names("uploads", failed.id)).toEqual([]);
});
