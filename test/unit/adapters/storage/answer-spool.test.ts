import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bytesInMemory } from "../../../../src/activities/bytes-in-memory.ts";
import type { ReceivedAnswer } from "../../../../src/ports/answers.ts";
import { tempAnswerSpool } from "../../../../src/adapters/storage/answer-spool.ts";
import { failedSlot, storedSlot } from "../../../support/slots.ts";

let parent = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "spool-test-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const name = { jobId: "job_x", call: 1 };
const answer = (change: Partial<ReceivedAnswer> = {}): ReceivedAnswer => ({
  attempt: "a1",
  answeredAt: "2026-03-04T05:06:07.000Z",
  ends: [storedSlot(0), failedSlot(1)],
  held: [{ index: 2, picture: bytesInMemory(Buffer.from("pixels")), revisedPrompt: "a fine cat" }],
  links: [{ index: 3, url: "https://one.example/secret" }],
  usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  ...change,
});

async function readWhole(found: ReceivedAnswer | undefined) {
  if (!found) return undefined;
  const held = found.held.map(async ({ picture, ...image }) => ({
    ...image,
    bytes: picture.bytes,
    content: String(await picture.read()),
  }));
  return { ...found, held: await Promise.all(held) };
}

it("an answer is found by another process, whole", async () => {
  const saved = answer();
  await tempAnswerSpool(parent).save(name, saved);
  const found = await tempAnswerSpool(parent).find(name);
  const held = [{ index: 2, revisedPrompt: "a fine cat", bytes: 6, content: "pixels" }];
  expect(await readWhole(found)).toEqual({ ...answer(), held });
  expect(await readWhole(saved)).toEqual({ ...answer(), held });
});

it("an answer is found for its own call alone, and for none once it was removed", async () => {
  const spool = tempAnswerSpool(parent);
  await spool.save(name, answer());
  expect(await spool.find({ jobId: "job_x", call: 10 })).toBeUndefined();
  expect(await spool.find({ jobId: "job_y", call: 1 })).toBeUndefined();
  await spool.remove(name);
  expect(await spool.find(name)).toBeUndefined();
  expect((await readdir(parent, { recursive: true })).filter((file) => file.includes("job_x"))).toEqual([]);
});

it("a picture in memory is let go of once it is on disk", async () => {
  let released = 0;
  const picture = { ...bytesInMemory(Buffer.from("pixels")), release: async () => void (released += 1) };
  await tempAnswerSpool(parent).save(name, answer({ held: [{ index: 2, picture }] }));
  expect(released).toBe(1);
});

it("an answer that can't be written whole is none, and its pictures can be read all the same", async () => {
  const spool = tempAnswerSpool(parent);
  let released = 0;
  const release = async () => void (released += 1);
  const broken = {
    ...bytesInMemory(Buffer.from("pixels")),
    read: () => Promise.reject(new Error("no memory")),
    release,
  };
  const held = [
    { index: 2, picture: bytesInMemory(Buffer.from("pixels")) },
    { index: 3, picture: broken },
  ];
  await expect(spool.save(name, answer({ held }))).rejects.toThrow("no memory");
  expect([await spool.find(name), released]).toEqual([undefined, 0]);
  expect(String(await held[0]?.picture.read())).toBe("pixels");
});

it("of two answers to one call each slot is taken once", async () => {
  const spool = tempAnswerSpool(parent);
  await spool.save(name, answer({ ends: [storedSlot(0)], held: [], links: [] }));
  await spool.save(name, answer({ ends: [storedSlot(0), storedSlot(1)], held: [], links: [] }));
  expect((await spool.find(name))?.ends.map(({ index }) => index).sort()).toEqual([0, 1]);
});

it("what a killed process was writing is no answer", async () => {
  const spool = tempAnswerSpool(parent);
  await spool.save(name, answer());
  const [root = ""] = await readdir(parent);
  await mkdir(join(parent, root, "job_x-7", "half"), { recursive: true });
  await writeFile(join(parent, root, "job_x-7", "half", "answer.json.part"), "{");
  expect(await spool.find({ jobId: "job_x", call: 7 })).toBeUndefined();
});

it.skipIf(process.platform === "win32")("answers are this user's alone", async () => {
  await tempAnswerSpool(parent).save(name, answer());
  const [root = ""] = await readdir(parent);
  const [folder = ""] = await readdir(join(parent, root));
  const modes = await Promise.all([join(parent, root), join(parent, root, folder)].map((path) => stat(path)));
  expect(modes.map(({ mode }) => mode & 0o077)).toEqual([0, 0]);
});

it("answers of two days ago go when the first one is written", async () => {
  await tempAnswerSpool(parent).save(name, answer());
  const [root = ""] = await readdir(parent);
  const [folder = ""] = await readdir(join(parent, root));
  const old = new Date(Date.now() - 49 * 3_600_000);
  await utimes(join(parent, root, folder), old, old);
  await tempAnswerSpool(parent).save({ jobId: "job_z", call: 0 }, answer());
  expect((await readdir(join(parent, root))).map((file) => file.slice(0, 5))).toEqual(["job_z"]);
});

it("a folder that is none of ours is not written to", async () => {
  const root = `darkroom-answers-${process.getuid?.() ?? "all"}`;
  await writeFile(join(parent, root), "");
  await expect(tempAnswerSpool(parent).save(name, answer())).rejects.toThrow();
});
