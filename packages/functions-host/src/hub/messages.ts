import type { OrchestratorResult } from "../durable/actions.ts";
import type { RefusalKind } from "../durable/client.ts";
import type { ActivityCall, OrchestrationTrigger } from "../durable/functions.ts";
import type { HubMethod } from "../durable/hub-client.ts";

/** A function to be run, with all that it is to be given. */
export type Work =
  | { kind: "activity"; name: string; call: ActivityCall }
  | { kind: "orchestrator"; name: string; trigger: OrchestrationTrigger };

/** How it ended: an activity returns JSON text. */
export type Outcome = { value: string | OrchestratorResult } | { error: string };

export interface FunctionNames {
  orchestrator: string[];
  activity: string[];
}

/** The first message of an instance, the only one that a stranger can send. */
export interface Hello {
  type: "hello";
  secret: string;
  pid: number;
}

export type FromInstance =
  | Hello
  /** The app is loaded: work may come. */
  | { type: "join"; functions: FunctionNames }
  /** Alive at `at`, in the instance's own time. It renews what the instance works on. */
  | { type: "beat"; at: number }
  | { type: "result"; lease: number; outcome: Outcome }
  /** JSON has no undefined: an argument that is left out is an empty list, any other a list of one. */
  | { type: "ask"; id: number; method: HubMethod; args: ([] | [unknown])[] }
  /** No more work, please; what is under way is still told. */
  | { type: "leave" };

export type FromHub =
  | { type: "welcome"; beatMs: number; singletonMs: number }
  | { type: "refused"; reason: string }
  | { type: "beat"; at: number }
  | { type: "work"; lease: number; work: Work }
  | {
      type: "answer";
      id: number;
      value?: unknown;
      refusal?: { kind: RefusalKind; message: string };
      error?: string;
    }
  /** Whether the instance runs what only one may run. */
  | { type: "singleton"; held: boolean };
