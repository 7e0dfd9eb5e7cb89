import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventType, historyEvent } from "../../src/durable/history.ts";
import { readJournal } from "../../src/durable/journal.ts";
import type { Instance, Message, Operation } from "../../src/durable/state.ts";
import { openJournalStore } from "../../src/durable/store.ts";
import type { DurableStore } from "../../src/durable/store.ts";

let folder: string;
const open: DurableStore[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(folder, { recursive: true, force: true });
});

const id = "one";
const put: Operation = {
  op: "put",
  instance: {
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
  },
};
const push = (Name: string): Operation => ({
  op: "push",
  id,
  message: {
    executionId: null,
    event: historyEvent({ EventType: EventType.EventRaised, Name, Input: null }, 3),
  },
});

const openStore = (compactAboveBytes?: number): DurableStore => {
  const store = openJournalStore(folder, compactAboveBytes);
  open.push(store);
  return store;
};
/** As after a kill: whatever the old process had in memory is gone, and its lock is stale. */
const reopen = (compactAboveBytes?: number): DurableStore => {
  for (const store of open.splice(0)) store.close();
  return openStore(compactAboveBytes);
};
const instanceIn = (hub: ReadonlyMap<string, Instance>): Instance => {
  const instance = hub.get(id);
  if (!instance) throw new Error("The instance is gone.");
  return instance;
};
const nameOf = ({ event }: Message): string => ("Name" in event ? event.Name : "");
const waiting = ({ hub }: DurableStore): string[] => [...instanceIn(hub).inbox.values()].map(nameOf);
/** Takes messages as the engine does, by the numbers its memory has for them. */
const take = (store: DurableStore, ...names: string[]): Operation => ({
  op: "take",
  id,
  sequences: [...instanceIn(store.hub).inbox]
    .filter(([, message]) => names.includes(nameOf(message)))
    .map(([sequence]) => sequence),
});
/** Commits until the journal has become shorter. */
const outgrow = (store: DurableStore): void => {
  const size = () => statSync(join(folder, "journal.jsonl")).size;
  for (let before = 0; before <= size();) {
    before = size();
    store.commit([put]);
  }
};

test("messages taken after a compaction under way stay taken, and the others stay", () => {
  const store = openStore(2_000);
  store.commit([put, push("a"), push("b"), push("c")]);
  store.commit([take(store, "a")]);
  outgrow(store);
  store.commit([push("d"), take(store, "b")]);
  const again = reopen();
  expect(waiting(again)).toEqual(["c", "d"]);
});

test("messages taken after a compaction on opening stay taken, and the others stay", () => {
  const store = openStore();
  store.commit([put, push("a"), push("b"), push("c")]);
  store.commit([take(store, "a")]);
  const second = reopen();
  second.commit([push("d"), take(second, "b")]);
  const third = reopen();
  expect(waiting(third)).toEqual(["c", "d"]);
});

test("a message that follows an inbox compacted while empty stays taken", () => {
  const store = openStore(2_000);
  store.commit([put, push("a")]);
  store.commit([take(store, "a")]);
  outgrow(store);
  store.commit([push("b"), push("c")]);
  store.commit([take(store, "b")]);
  expect(waiting(reopen())).toEqual(["c"]);
});

test("memory and journal agree after every commit, whatever was compacted before it", () => {
  let store = openStore(0);
  store.commit([put]);
  for (let round = 0; round < 60; round += 1) {
    store.commit([push(`${round}`), push(`${round}+`)]);
    store.commit([take(store, `${round}`, `${round - 3}+`)]);
    expect(readJournal(folder).hub).toEqual(store.hub);
    if (round % 20 === 19) store = reopen(0);
  }
  expect(waiting(store)).toEqual(["57+", "58+", "59+"]);
});

test("a history longer than a call has room for arguments is read back", () => {
  const store = openStore();
  store.commit([put]);
  const event = historyEvent({ EventType: EventType.OrchestratorStarted }, 3);
  const events = Array.from({ length: 1_000 }, () => event);
  for (let commit = 0; commit < 150; commit += 1) store.commit([{ op: "append", id, events }]);
  reopen();
  expect(instanceIn(reopen().hub).history).toHaveLength(150_000);
});
