import { mkdirSync, mkdtempSync, rmSync, rmdirSync } from "node:fs";
import type * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { readJournal } from "../../src/durable/journal.ts";
import type { InstanceHeader, Operation } from "../../src/durable/state.ts";
import { openJournalStore } from "../../src/durable/store.ts";

// Files of this tier share modules: neither has an earlier one loaded these with the real disk, nor does a later one find ours.
const disk = vi.hoisted(() => {
  vi.resetModules();
  return { isFull: false };
});
afterAll(() => void vi.resetModules());
vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync(file: number, bytes: Buffer, offset = 0) {
      if (!disk.isFull) return real.writeSync(file, bytes, offset);
      // As a disk does: what fits is written, and the next call is told.
      if (offset > 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      return real.writeSync(file, bytes, 0, 10);
    },
  };
});

let folder: string;
beforeEach(() => {
  disk.isFull = false;
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (id: string): Operation => {
  const header: InstanceHeader = {
    id,
    executionId: "e",
    name: "main",
    version: null,
    input: null,
    status: "Running",
    output: null,
    customStatus: null,
    createdAt: 1,
    updatedAt: 2,
    parent: null,
  };
  return { op: "put", instance: header };
};

test("a commit that the disk took half of has not happened, and the next one does not run into it", () => {
  const store = openJournalStore(folder);
  store.commit([put("one")]);
  disk.isFull = true;
  expect(() => store.commit([put("two")])).toThrow("no space left");
  disk.isFull = false;
  store.commit([put("three")]);
  store.close();
  expect([...store.hub.keys()]).toEqual(["one", "three"]);
  expect(readJournal(folder).hub).toEqual(store.hub);
});

test("a commit fails with the compaction before it, and both succeed later", () => {
  const store = openJournalStore(folder, 0);
  const inTheWay = join(folder, "journal.jsonl.new");
  mkdirSync(inTheWay);
  store.commit([put("one")]);
  expect(() => store.commit([put("two")])).toThrow("directory");
  expect([...store.hub.keys()]).toEqual(["one"]);
  rmdirSync(inTheWay);
  store.commit([put("three")]);
  store.close();
  expect([...store.hub.keys()]).toEqual(["one", "three"]);
  expect(readJournal(folder).hub).toEqual(store.hub);
});
