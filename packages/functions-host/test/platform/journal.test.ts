import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventType, historyEvent } from "../../src/durable/history.ts";
import { readJournal, readRecordedInstances } from "../../src/durable/journal.ts";
import { lockFolder } from "../../src/durable/lock-file.ts";
import type { InstanceHeader, Operation } from "../../src/durable/state.ts";
import { openJournalStore } from "../../src/durable/store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "journal.jsonl");
const header = (id: string): InstanceHeader => ({
  id,
  executionId: "e",
  name: "main",
  version: null,
  input: '{"n":1}',
  status: "Running",
  output: null,
  customStatus: null,
  createdAt: 1,
  updatedAt: 2,
  parent: null,
});
const raised = historyEvent({ EventType: EventType.EventRaised, Name: "go", Input: "1" }, 3);
const message = { executionId: null, event: raised };
const task = { instanceId: "one", executionId: "e", taskId: 4, name: "work", input: '{"x":1}' };
const timer = { instanceId: "one", executionId: "e", timerId: 5, fireAt: 99 };
const everything: Operation[] = [
  { op: "put", instance: header("one") },
  { op: "append", id: "one", events: [raised] },
  { op: "push", id: "one", message },
  { op: "push", id: "one", message },
  { op: "take", id: "one", sequences: [0] },
  { op: "task", task },
  { op: "timer", timer },
];

test("a store opened again holds what was committed, by its own account and the reader's", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  store.close();
  const again = openJournalStore(folder);
  const instance = again.hub.get("one");
  expect(instance?.header).toEqual(header("one"));
  expect(instance?.history).toEqual([raised]);
  expect([...(instance?.inbox.values() ?? [])]).toEqual([message]);
  expect([...(instance?.tasks.values() ?? [])]).toEqual([task]);
  expect([...(instance?.timers.values() ?? [])]).toEqual([timer]);
  // The reader needs no lock: the store is still open.
  expect(readRecordedInstances(folder)).toEqual([{ header: header("one"), history: [raised] }]);
  again.close();
});

test("the end of a task, a timer and an instance is remembered too", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  store.commit([
    { op: "done", id: "one", key: "e/4" },
    { op: "fired", id: "one", key: "e/5" },
    { op: "rewrite", id: "one", events: [] },
    { op: "put", instance: header("two") },
    { op: "purge", id: "two" },
  ]);
  store.close();
  const { hub } = readJournal(folder);
  expect([...hub.keys()]).toEqual(["one"]);
  expect(hub.get("one")).toMatchObject({ history: [], tasks: new Map(), timers: new Map() });
});

test("each commit is one line of JSON, there before commit returns", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  store.commit([{ op: "put", instance: header("two") }]);
  const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    everything,
    [{ op: "put", instance: header("two") }],
  ]);
  store.close();
});

test("of a torn last line nothing is applied, and the next commit does not run into it", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  store.close();
  appendFileSync(file(), '[{"op":"purge","id":"one"},{"op":"pu');
  const again = openJournalStore(folder);
  expect(again.hub.has("one")).toBe(true);
  again.commit([{ op: "put", instance: header("two") }]);
  again.close();
  expect([...readJournal(folder).hub.keys()]).toEqual(["one", "two"]);
});

test("a damaged line in the middle is an error and not a loss", () => {
  writeFileSync(file(), '[]\n{"op":\n[]\n');
  expect(() => readJournal(folder)).toThrow("damaged at line 2");
});

test("text beyond the basic alphabet survives", () => {
  const store = openJournalStore(folder);
  store.commit([{ op: "put", instance: { ...header("one"), input: '"日本語 🎨\u2028"' } }]);
  store.close();
  expect(readJournal(folder).hub.get("one")?.header.input).toBe('"日本語 🎨\u2028"');
});

test("the journal is compacted above its limit and loses nothing that lives", () => {
  const store = openJournalStore(folder, 10_000);
  store.commit(everything);
  for (let count = 0; count < 300; count += 1) {
    store.commit([
      { op: "put", instance: header(`temporary-${count}`) },
      { op: "purge", id: `temporary-${count}` },
    ]);
    expect(statSync(file()).size).toBeLessThan(10_500);
  }
  store.close();
  const instance = readJournal(folder).hub.get("one");
  expect(instance?.history).toEqual([raised]);
  expect([...(instance?.tasks.values() ?? [])]).toEqual([task]);
});

test("what is large by right is not compacted over and over", () => {
  const store = openJournalStore(folder, 100);
  store.commit([{ op: "append", id: "one", events: [] }, ...everything]);
  // The limit is passed, so this one compacts.
  store.commit([{ op: "put", instance: header("one") }]);
  const size = statSync(file()).size;
  store.commit([{ op: "put", instance: header("one") }]);
  expect(statSync(file()).size).toBeGreaterThan(size);
  store.close();
});

test("opening compacts", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  for (let count = 0; count < 10; count += 1) store.commit([{ op: "put", instance: header("one") }]);
  store.close();
  openJournalStore(folder).close();
  expect(readFileSync(file(), "utf8").trimEnd().split("\n")).toHaveLength(1);
});

test("a compaction that was killed leaves the journal as it was", () => {
  const store = openJournalStore(folder);
  store.commit(everything);
  store.close();
  writeFileSync(`${file()}.new`, "[{");
  openJournalStore(folder).close();
  expect(readJournal(folder).hub.has("one")).toBe(true);
});

test("an open store locks its folder, and closing gives it back", () => {
  const store = openJournalStore(folder);
  expect(() => openJournalStore(folder)).toThrow(`in use by another host (process ${process.pid})`);
  store.close();
  openJournalStore(folder).close();
});

test.each([
  ["of a process that is gone", { pid: 2 ** 22 + 1, startedAt: null }],
  ["of a process whose number was given to another", { pid: process.pid, startedAt: "before this one" }],
])("a lock %s is taken over", (_whose, holder) => {
  writeFileSync(join(folder, "lock"), JSON.stringify(holder));
  lockFolder(folder).release();
});

test("a torn lock is taken over", () => {
  writeFileSync(join(folder, "lock"), '{"pid":');
  lockFolder(folder).release();
});

test("a lock that a killed process left tells when that was last alive, and a clean end tells nothing", () => {
  const dead = { pid: 2 ** 22 + 1, startedAt: null };
  writeFileSync(join(folder, "lock"), JSON.stringify(dead));
  const leftAt = Date.UTC(2026, 0, 2);
  utimesSync(join(folder, "lock"), new Date(leftAt), new Date(leftAt));
  const store = openJournalStore(folder);
  expect(store.leftAt).toBe(leftAt);
  store.close();
  const next = openJournalStore(folder);
  expect(next.leftAt).toBeUndefined();
  next.close();
});

test("a process that lives renews its lock's time", async () => {
  const lock = lockFolder(folder);
  const past = new Date(0);
  utimesSync(join(folder, "lock"), past, past);
  await expect.poll(() => statSync(join(folder, "lock")).mtimeMs, { timeout: 20_000 }).toBeGreaterThan(0);
  lock.release();
});
