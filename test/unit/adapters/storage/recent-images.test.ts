import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import type { ImageStore } from "../../../../src/ports/images.ts";
import { recentImages } from "../../../../src/adapters/storage/recent-images.ts";
import { around } from "../../../../src/domain/around.ts";
import { FakeClock, MemoryImageStore } from "../../../support/fakes.ts";

const facts = { contentType: "image/png" };
const bytes = (length: number) => new Uint8Array(length);

function aStore(limits: Parameters<typeof recentImages>[1] = {}) {
  const stored = new MemoryImageStore([], new FakeClock());
  const reads: string[] = [];
  const read = stored.read.bind(stored);
  const images = recentImages(
    around<ImageStore>(stored, {
      read: async (name, part) => {
        reads.push(name);
        return read(name, part);
      },
    }),
    limits,
  );
  return { images, reads };
}

it("what was just stored is read from memory, and a part of it from storage", async () => {
  const { images, reads } = aStore();
  await images.put("a", bytes(7), facts);
  expect((await images.read("a")).byteLength).toBe(7);
  expect(reads).toEqual([]);
  await images.read("a", { first: 0, last: 1 });
  expect(reads).toEqual(["a"]);
});

it("what somebody else has stored first is read from there", async () => {
  const { images } = aStore({ maxAgeMs: 0 });
  await images.put("a", bytes(7), facts);
  await sleep(5);
  expect(await images.put("a", bytes(9), facts)).toBe(false);
  expect((await images.read("a")).byteLength).toBe(7);
});

it("no more is held than may be, the newest first, and nothing that is larger", async () => {
  const { images, reads } = aStore({ maxBytes: 10 });
  for (const [name, length] of [
    ["a", 6],
    ["b", 4],
    ["c", 5],
    ["large", 11],
  ] as const)
    await images.put(name, bytes(length), facts);
  for (const name of ["a", "b", "c", "large"]) await images.read(name);
  expect(reads).toEqual(["a", "large"]);
});

it("what was removed, or is old, is held no more", async () => {
  const { images, reads } = aStore({ maxAgeMs: 1 });
  await images.put("a", bytes(7), facts);
  await images.remove("a");
  await expect(images.read("a")).rejects.toMatchObject({ code: "expired" });
  await images.put("b", bytes(7), facts);
  await sleep(20);
  await images.read("b");
  expect(reads).toEqual(["a", "b"]);
});

it("what had to make room is kept by nothing, not by its timer either", async () => {
  vi.useFakeTimers();
  try {
    const { images } = aStore({ maxBytes: 10 });
    for (const name of ["a", "b", "c"]) await images.put(name, bytes(6), facts);
    expect(vi.getTimerCount()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
