import { createHash } from "node:crypto";
import type { FormRecord } from "./edits/form.ts";
import type { RouteName } from "./wire.ts";

export interface CallOpening {
  readonly id: string;
  readonly route: RouteName;
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | undefined;
}

/** One call as the service saw it. Work spans are numbered, so that overlaps do not depend on clock ticks. */
export interface CallEntry extends CallOpening {
  readonly startedAt: number;
  finishedAt: number | undefined;
  model: string | undefined;
  deployment: string | undefined;
  prompt: string | undefined;
  promptSha256: string | undefined;
  /** What an edit came with. */
  form: FormRecord | undefined;
  operationId: string | undefined;
  operationStatus: string | undefined;
  faults: readonly string[];
  status: number | undefined;
  retryAfterMs: number | undefined;
  imagesBilled: number;
  clientHungUp: boolean;
  /** What a stream has brought so far. */
  stream: StreamRecord | undefined;
  workFrom: number;
  workTo: number | undefined;
}

/** Each moment is when the first byte of the event was written; an event that was cut off is not among them. */
export interface StreamRecord {
  readonly partials: { readonly index: number; readonly at: number }[];
  completedAt: number | undefined;
  erredAt: number | undefined;
  /** All there was to write has been written. */
  ended: boolean;
}

const maxEntries = 50_000;

export class Ledger {
  #entries: CallEntry[] = [];
  #moments = 0;

  open(opening: CallOpening): CallEntry {
    const entry: CallEntry = {
      ...opening,
      startedAt: Date.now(),
      finishedAt: undefined,
      model: undefined,
      deployment: undefined,
      prompt: undefined,
      promptSha256: undefined,
      form: undefined,
      operationId: undefined,
      operationStatus: undefined,
      faults: [],
      status: undefined,
      retryAfterMs: undefined,
      imagesBilled: 0,
      clientHungUp: false,
      stream: undefined,
      workFrom: this.#nextMoment(),
      workTo: undefined,
    };
    this.#entries.push(entry);
    if (this.#entries.length > maxEntries) this.#entries.shift();
    return entry;
  }

  name(
    entry: CallEntry,
    callText: Readonly<Record<"model" | "deployment" | "prompt", string | undefined>>,
  ): void {
    const { model, deployment, prompt } = callText;
    const promptSha256 = prompt === undefined ? undefined : createHash("sha256").update(prompt).digest("hex");
    Object.assign(entry, { model, deployment, prompt, promptSha256 });
  }

  /** The service has stopped working on the call; for DALL-E 2 that is long after its answer. */
  endWork(entry: CallEntry): void {
    entry.workTo ??= this.#nextMoment();
  }

  entries(): readonly CallEntry[] {
    return this.#entries;
  }

  reset(): void {
    this.#entries = [];
  }

  #nextMoment(): number {
    this.#moments += 1;
    return this.#moments;
  }
}
