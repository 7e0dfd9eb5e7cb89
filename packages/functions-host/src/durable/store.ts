import { openJournal, readJournal } from "./journal.ts";
import { lockFolder } from "./lock-file.ts";
import { applyOperation } from "./state.ts";
import type { Instance, Operation, TaskHub } from "./state.ts";

/** Where the task hub lives. `commit` is atomic: after a crash all of its operations happened, or none. */
export interface DurableStore {
  readonly hub: ReadonlyMap<string, Instance>;
  /** When the process before was last alive, if it was killed. */
  readonly leftAt?: number | undefined;
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
  const lock = lockFolder(folder);
  const { hub, wholeBytes } = readJournal(folder);
  const journal = openJournal(folder, wholeBytes);
  journal.compact(hub);
  let compactAt = Math.max(compactAboveBytes, journal.size() * 2);
  return {
    hub,
    leftAt: lock.leftAt,
    commit(operations) {
      if (operations.length === 0) return;
      // Before and not after: a commit that happened must not fail by a compaction that did not.
      if (journal.size() > compactAt) {
        journal.compact(hub);
        // Twice what is left, or a hub that is large by right would be rewritten on every commit.
        compactAt = Math.max(compactAboveBytes, journal.size() * 2);
      }
      journal.append(operations);
      for (const operation of operations) applyOperation(hub, operation);
    },
    close() {
      journal.close();
      lock.release();
    },
  };
}
