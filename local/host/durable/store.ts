import { openJournal, readJournal } from "./journal.ts";
import { lockFolder } from "./lock-file.ts";
import { applyOperation } from "./state.ts";
import type { Instance, Operation, TaskHub } from "./state.ts";

/** Where the task hub lives. `commit` is atomic: after a crash all of its operations happened, or none. */
export interface DurableStore {
  readonly hub: ReadonlyMap<string, Instance>;
  commit(operations: Operation[]): void;
  close(): void;
}

/** A task hub that is forgotten with the process. */
export function createMemoryStore(): DurableStore {
  const hub: TaskHub = new Map();
  return {
    hub,
    commit(operations) {
      for (const operation of operations) applyOperation(hub, operation);
    },
    close: () => undefined,
  };
}

/** A task hub that survives the process, kept in `folder` and locked against a second host. */
export function openJournalStore(folder: string, compactAboveBytes = 64 * 1024 * 1024): DurableStore {
  const unlock = lockFolder(folder);
  const found = readJournal(folder);
  const journal = openJournal(folder, found.wholeBytes);
  journal.compact(found.hub);
  // Read anew: compaction numbers waiting messages from zero, and later commits must take them by those numbers.
  const { hub } = readJournal(folder);
  let compactAt = Math.max(compactAboveBytes, journal.size() * 2);
  return {
    hub,
    commit(operations) {
      if (operations.length === 0) return;
      journal.append(operations);
      for (const operation of operations) applyOperation(hub, operation);
      if (journal.size() <= compactAt) return;
      journal.compact(hub);
      // Twice what is left, or a hub that is large by right would be rewritten on every commit.
      compactAt = Math.max(compactAboveBytes, journal.size() * 2);
    },
    close() {
      journal.close();
      unlock();
    },
  };
}
