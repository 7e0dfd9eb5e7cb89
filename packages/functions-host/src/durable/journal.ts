import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { HistoryEvent } from "./history.ts";
import { applyOperation, snapshot } from "./state.ts";
import type { InstanceHeader, Operation, TaskHub } from "./state.ts";

const fileName = "journal.jsonl";

/** The file's content: what it says, and how much of it is whole. */
export interface JournalContent {
  hub: TaskHub;
  /** Bytes up to the end of the last complete line. What follows was torn by a kill mid-write. */
  wholeBytes: number;
}

/**
 * Reads a journal: one JSON array of operations per line, each line one commit. A torn last line is ignored;
 * damage anywhere else is an error, because going on without a commit would lose work silently.
 */
export function readJournal(
  folder: string,
  before: (operation: Operation, hub: TaskHub) => void = () => undefined,
): JournalContent {
  const path = join(folder, fileName);
  const hub: TaskHub = new Map();
  if (!existsSync(path)) return { hub, wholeBytes: 0 };
  const content = readFileSync(path);
  let start = 0;
  for (let line = 1; start < content.length; line += 1) {
    const end = content.indexOf(0x0a, start);
    if (end < 0) break;
    for (const operation of parseLine(content.toString("utf8", start, end), path, line)) {
      before(operation, hub);
      applyOperation(hub, operation);
    }
    start = end + 1;
  }
  return { hub, wholeBytes: start };
}

function parseLine(text: string, path: string, line: number): Operation[] {
  try {
    return JSON.parse(text) as Operation[];
  } catch (error) {
    throw new Error(`${path} is damaged at line ${line}; move it away to start with an empty task hub.`, {
      cause: error,
    });
  }
}

/** Appends commits to the journal file. */
export interface JournalWriter {
  append(operations: Operation[]): void;
  /** Bytes in the file. */
  size(): number;
  /** Replaces the file by one line per living instance. */
  compact(hub: TaskHub): void;
  close(): void;
}

/**
 * Opens the journal for appending after its last whole line. Writes go straight to the operating system, so
 * they outlive a killed process; they are not flushed to disk, so a power cut may take the last ones.
 */
export function openJournal(folder: string, wholeBytes: number): JournalWriter {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName);
  let file = openSync(path, "a");
  let size = wholeBytes;
  ftruncateSync(file, wholeBytes);
  return {
    append(operations) {
      try {
        size += write(file, operations);
      } catch (error) {
        // A full disk may have taken half a line, and a host that lives on would write the next one behind it.
        ftruncateSync(file, size);
        throw error;
      }
    },
    size: () => size,
    compact(hub) {
      const temporary = `${path}.new`;
      rmSync(temporary, { force: true });
      const next = openSync(temporary, "a");
      let bytes = 0;
      try {
        for (const instance of hub.values()) bytes += write(next, snapshot(instance));
        // The rename replaces the only copy, so the new one must be on disk before it.
        fsyncSync(next);
        renameSync(temporary, path);
      } catch (error) {
        closeSync(next);
        throw error;
      }
      closeSync(file);
      file = next;
      size = bytes;
    },
    close: () => closeSync(file),
  };
}

function write(file: number, operations: Operation[]): number {
  const line = Buffer.from(`${JSON.stringify(operations)}\n`, "utf8");
  for (let written = 0; written < line.length;) written += writeSync(file, line, written);
  return line.length;
}

/** An instance as the journal remembers it. */
export interface RecordedInstance {
  header: InstanceHeader;
  history: HistoryEvent[];
}

/** The raw history of every instance in a journal folder. Takes no lock and changes nothing. */
export function readRecordedInstances(folder: string): RecordedInstance[] {
  return [...readJournal(folder).hub.values()].map(({ header, history }) => ({ header, history }));
}

/** Histories that were given up for a new generation, each without its last episode, as far as the journal still has them. */
export function readFormerGenerations(folder: string): RecordedInstance[] {
  const former: RecordedInstance[] = [];
  readJournal(folder, (operation, hub) => {
    const instance = operation.op === "rewrite" ? hub.get(operation.id) : undefined;
    if (instance) former.push({ header: instance.header, history: instance.history });
  });
  return former;
}
