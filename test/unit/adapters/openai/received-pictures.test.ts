import { lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryBudget } from "../../../../src/adapters/openai/reading/memory-budget.ts";
import {
  type ReceivedPictures,
  receivedPictures,
} from "../../../../src/adapters/openai/reading/received-pictures.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "received-pictures-test-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const bytesOf = (length: number, seed = 1) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * seed) % 256));

async function receive(pictures: ReceivedPictures, bytes: Buffer, block = 10) {
  const sink = pictures.open();
  for (let at = 0; at < bytes.length; at += block) await sink.write(bytes.subarray(at, at + block));
  return sink.finish();
}

async function aFolder() {
  return mkdtemp(join(root, "case-"));
}

describe("a received picture", () => {
  it("is held in memory while there is room, and released once, however often it is asked", async () => {
    const directory = await aFolder();
    const pictures = receivedPictures({ maxHeldBytes: 100, directory });
    const picture = await receive(pictures, bytesOf(95));
    expect([picture.bytes, pictures.held.used, await readdir(directory)]).toEqual([95, 95, []]);
    expect([await picture.read(), await picture.read()]).toEqual([bytesOf(95), bytesOf(95)]);
    await Promise.all([picture.release(), picture.release()]);
    expect(pictures.held.used).toBe(0);
    await expect(picture.read()).rejects.toThrow("after its release");
  });

  it("goes to a file of this user's alone when memory is full, and the file goes when it is released", async () => {
    const directory = await aFolder();
    const pictures = receivedPictures({ maxHeldBytes: 100, maxReadBackBytes: 300, directory });
    const first = await receive(pictures, bytesOf(60));
    const second = await receive(pictures, bytesOf(205, 3));
    expect(pictures.held).toMatchObject({ used: 60, peak: 110 });
    const [folder] = await readdir(directory);
    expect(folder).toMatch(new RegExp(`^darkroom-received-${process.pid}-`));
    expect((await lstat(join(directory, folder!))).mode & 0o777).toBe(0o700);
    expect([await second.read(), await second.read()]).toEqual([bytesOf(205, 3), bytesOf(205, 3)]);
    expect(pictures.readBack.used).toBe(205);
    await second.release();
    await second.release();
    await first.release();
    expect([pictures.held.used, pictures.readBack.used, await readdir(directory)]).toEqual([0, 0, []]);
  });

  it("that is discarded on its way leaves neither memory nor file", async () => {
    const directory = await aFolder();
    const pictures = receivedPictures({ maxHeldBytes: 100, directory });
    for (const length of [50, 500]) {
      const sink = pictures.open();
      for (let at = 0; at < length; at += 10) await sink.write(bytesOf(10));
      await sink.discard();
    }
    expect([pictures.held.used, await readdir(directory)]).toEqual([0, []]);
  });

  it("stays in memory, beyond what is meant for it, where there is no disk to go to", async () => {
    const pictures = receivedPictures({ maxHeldBytes: 100, directory: join(root, "nowhere") });
    const picture = await receive(pictures, bytesOf(250));
    expect([await picture.read(), pictures.held.used]).toEqual([bytesOf(250), 250]);
    await picture.release();
    expect(pictures.held.used).toBe(0);
  });

  it("waits for memory when it is read back, and gets it when another is released", async () => {
    const pictures = receivedPictures({ maxHeldBytes: 0, maxReadBackBytes: 100, directory: await aFolder() });
    const [first, second, third] = await Promise.all(
      [80, 90, 300].map((length) => receive(pictures, bytesOf(length))),
    );
    const order: string[] = [];
    await first!.read();
    const waiting = [
      second!.read().then(() => order.push("second")),
      third!.read().then(() => order.push("third, larger than all that there is")),
    ];
    expect(order).toEqual([]);
    await first!.release();
    await waiting[0];
    expect(order).toEqual(["second"]);
    await second!.release();
    await waiting[1];
    expect(pictures.readBack.used).toBe(300);
    await third!.release();
    expect(pictures.readBack.used).toBe(0);
  });

  it("that is released while it waits to be read is not read, and holds nothing up", async () => {
    const pictures = receivedPictures({ maxHeldBytes: 0, maxReadBackBytes: 100, directory: await aFolder() });
    const [first, second] = await Promise.all([80, 90].map((length) => receive(pictures, bytesOf(length))));
    await first!.read();
    const waiting = expect(second!.read()).rejects.toThrow("after its release");
    await second!.release();
    await first!.release();
    await waiting;
    expect(pictures.readBack.used).toBe(0);
  });
});

it("a folder of a process that was killed goes when the next one makes its first", async () => {
  const directory = await aFolder();
  // No process has this number: it is beyond what systems give.
  await mkdir(join(directory, "darkroom-received-4194999-1-aaaaaa"));
  const pictures = receivedPictures({ maxHeldBytes: 0, directory });
  await (await receive(pictures, bytesOf(10))).release();
  expect(await readdir(directory)).toEqual([]);
});

it("memory is given in the order of asking, so that a large picture isn't passed over for ever", async () => {
  const budget = memoryBudget(100);
  const order: number[] = [];
  await budget.take(60);
  const waiting = [70, 10].map((bytes) => budget.take(bytes).then(() => order.push(bytes)));
  expect([budget.used, budget.tryTake(50), budget.tryTake(40)]).toEqual([60, false, true]);
  budget.give(40);
  budget.give(60);
  await Promise.all(waiting);
  expect([order, budget.used, budget.peak]).toEqual([[70, 10], 80, 100]);
});
