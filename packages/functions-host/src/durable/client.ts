import type { Clock } from "./clock.ts";
import { missingFunction } from "./functions.ts";
import type { DurableFunctions } from "./functions.ts";
import { EventType, historyEvent } from "./history.ts";
import type { EventBody } from "./history.ts";
import { createInstance, ownTrace, newId } from "./instances.ts";
import { rewindInstance } from "./rewind.ts";
import { isFinished } from "./state.ts";
import type { InstanceHeader, Operation, RuntimeStatus } from "./state.ts";
import { describeInstance } from "./status.ts";
import type { InstanceStatus } from "./status.ts";
import type { DurableStore } from "./store.ts";

/** Why a request about an instance cannot be met; the HTTP API turns each into its status code. */
export type RefusalKind =
  | "unknownInstance"
  | "finished"
  | "exists"
  | "unknownFunction"
  | "notFailed"
  | "badId";

export class DurableRefusal extends Error {
  override name = "DurableRefusal";
  readonly kind: RefusalKind;
  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface InstanceFilter {
  createdFrom?: number;
  createdTo?: number;
  statuses?: readonly string[];
  idPrefix?: string;
}

/** What the outside may ask of a task hub. Every call is committed before it returns. */
export interface DurableClient {
  /** Starts an orchestrator and returns the instance id. An id in use is refused, a finished one replaced. */
  start(name: string, input?: unknown, id?: string, version?: string): string;
  getStatus(id: string): InstanceStatus | undefined;
  list(filter?: InstanceFilter): InstanceHeader[];
  raiseEvent(id: string, name: string, data?: unknown): void;
  terminate(id: string, reason: string): void;
  suspend(id: string, reason: string): void;
  resume(id: string, reason: string): void;
  /** Runs the failed steps of a failed instance again. */
  rewind(id: string, reason: string): void;
  /** Starts the same orchestrator with the same input; under a new id unless told otherwise. */
  restart(id: string, keepId?: boolean): string;
  /** Forgets an instance and its pending work. False when there was none. */
  purge(id: string): boolean;
}

export interface DurableClientParts {
  clock: Clock;
  store: DurableStore;
  invoke: DurableFunctions;
  commit: (operations: Operation[]) => void;
}

export function createDurableClient({ clock, store, invoke, commit }: DurableClientParts): DurableClient {
  const living = (id: string): InstanceHeader => {
    const header = store.hub.get(id)?.header;
    if (!header) throw new DurableRefusal("unknownInstance", `No instance with ID '${id}' was found.`);
    if (isFinished(header.status)) {
      throw new DurableRefusal("finished", `Instance '${id}' is already ${header.status}.`);
    }
    return header;
  };
  // External events and control messages belong to whatever execution is current when they are played.
  const send = (id: string, body: EventBody): void => {
    living(id);
    const message = { executionId: null, event: historyEvent(body, clock.now()) };
    commit([{ op: "push", id, message }]);
  };
  const startText = (name: string, input: string | null, id: string, version: string | null): string => {
    const registered = invoke.find("orchestrator", name);
    if (registered === undefined) {
      throw new DurableRefusal("unknownFunction", missingFunction(invoke, "orchestrator", name).message);
    }
    checkId(id);
    const status = store.hub.get(id)?.header.status;
    if (status && !isFinished(status)) {
      throw new DurableRefusal(
        "exists",
        `An Orchestration instance with the status ${status} already exists.`,
      );
    }
    commit(
      createInstance({ id, name: registered, version, input, parent: null, trace: ownTrace() }, clock.now()),
    );
    return id;
  };
  return {
    start: (name, input, id = newId(), version) =>
      startText(name, input === undefined ? null : JSON.stringify(input), id, version ?? null),
    getStatus(id) {
      const header = store.hub.get(id)?.header;
      return header && describeInstance(header);
    },
    list: (filter = {}) =>
      [...store.hub.values()].map(({ header }) => header).filter((header) => matches(header, filter)),
    raiseEvent(id, name, data) {
      const Input = data === undefined ? null : JSON.stringify(data);
      send(id, { EventType: EventType.EventRaised, Name: name, Input });
    },
    terminate: (id, reason) => send(id, { EventType: EventType.ExecutionTerminated, Input: reason }),
    suspend: (id, reason) => send(id, { EventType: EventType.ExecutionSuspended, Reason: reason }),
    resume: (id, reason) => send(id, { EventType: EventType.ExecutionResumed, Reason: reason }),
    rewind(id, reason) {
      const instance = store.hub.get(id);
      if (!instance) throw new DurableRefusal("unknownInstance", `No instance with ID '${id}' was found.`);
      const { status } = instance.header;
      if (status === "Completed" || status === "Terminated") {
        throw new DurableRefusal("finished", `Instance '${id}' is already ${status}.`);
      }
      if (status !== "Failed") {
        throw new DurableRefusal("notFailed", "The rewind operation is only supported on failed instances.");
      }
      commit(rewindInstance(instance, reason, store.hub, clock.now()));
    },
    restart(id, keepId = false) {
      const header = store.hub.get(id)?.header;
      if (!header) throw new DurableRefusal("unknownInstance", `No instance with ID '${id}' was found.`);
      return startText(header.name, header.input, keepId ? id : newId(), header.version);
    },
    purge(id) {
      const known = store.hub.has(id);
      if (known) commit([{ op: "purge", id }]);
      return known;
    },
  };
}

function matches(header: InstanceHeader, filter: InstanceFilter): boolean {
  const wanted: readonly string[] | undefined = filter.statuses;
  return (
    header.createdAt >= (filter.createdFrom ?? -Infinity) &&
    header.createdAt <= (filter.createdTo ?? Infinity) &&
    (!wanted || wanted.length === 0 || wanted.includes(header.status satisfies RuntimeStatus)) &&
    header.id.startsWith(filter.idPrefix ?? "")
  );
}

// The extension refuses ids that would break its own URLs and table keys (EXT DurableClient.cs).
function checkId(id: string): void {
  if (id === "" || id.length > 100 || id.startsWith("@") || /[/\\#?\p{Cc}]/u.test(id)) {
    throw new DurableRefusal(
      "badId",
      `Instance id '${id}' is not valid: 1 to 100 characters, no leading @, none of / \\ # ? or control characters.`,
    );
  }
}
