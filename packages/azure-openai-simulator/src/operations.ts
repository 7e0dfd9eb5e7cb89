import type { StartedPicture } from "./start-task.ts";
import type { SimulatedFault } from "./faults/fault.ts";
import type { GenerationRequest } from "./request-check.ts";
import type { Task } from "./simulation.ts";

/** One DALL-E 2 submit and what became of it. */
export interface Operation {
  readonly id: string;
  /** What was submitted under this id; the same id with anything else is refused [A8]. */
  readonly fingerprint: string;
  readonly task: Task;
  readonly request: GenerationRequest;
  readonly pictures: readonly StartedPicture[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** [S0] `notRunning`, `running`, `succeeded`, `failed`; a fault may put any other word here. */
  status: string;
  finishedAt: number | undefined;
  /** One address per picture, the same in every poll. */
  urls: readonly string[];
}

export class Operations {
  readonly #operations = new Map<string, Operation>();

  put(operation: Operation): void {
    this.#operations.set(operation.id, operation);
  }

  find(id: string | undefined): Operation | undefined {
    const operation = this.#operations.get(id ?? "");
    if (operation === undefined || operation.expiresAt > Date.now()) return operation;
    this.#operations.delete(operation.id);
    return undefined;
  }

  remove(id: string): void {
    this.#operations.delete(id);
  }
}

export function isTerminal({ status }: Operation): boolean {
  return status === "succeeded" || status === "failed";
}

/** How an operation ends, or the word it stays at for ever. */
export function destinyOf({ operation, refuse }: SimulatedFault): {
  readonly status: string;
  readonly ends: boolean;
} {
  if (operation !== undefined) return { status: operation, ends: operation === "failed" };
  return { status: refuse === undefined ? "succeeded" : "failed", ends: true };
}
