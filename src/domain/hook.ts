import { eventOf } from "./webhook.ts";
import type { JobStatus } from "./image-job.ts";

/** Callbacks of workflows: which ends concern them, what they are called, and when they are over. Decisions only. */

/** Ends of jobs that a hook wants to be told of. `any` includes jobs that were canceled. */
export const hookOutcomes = ["succeeded", "failed", "any"] as const;
type HookOutcome = (typeof hookOutcomes)[number];

/** More than one caller's workflows ever need; a caller that subscribes without end would delay its own jobs' ends. */
export const maxHooks = 100;
/** How many runs may wait for one job: those that asked for it under the same key. */
export const maxCallbacks = 8;

export interface HookFilter {
  caller: string;
  outcome: HookOutcome;
  model?: string;
  tag?: string;
  createdAt: string;
}

interface EndedJob {
  caller: string;
  status: JobStatus;
  model: string;
  tags?: readonly string[];
  finishedAt?: string;
}

/** Whether a hook is to be told of this end. What ended before the hook was there is history, and never told. */
export function concerns({ caller, outcome, model, tag, createdAt }: HookFilter, job: EndedJob): boolean {
  return (
    eventOf(job.status) !== undefined &&
    // The tag that both share a partition by is short, and may be somebody else's too.
    job.caller === caller &&
    (outcome === "any" || outcome === job.status) &&
    (model === undefined || model === job.model) &&
    (tag === undefined || (job.tags ?? []).includes(tag)) &&
    (job.finishedAt ?? "") >= createdAt
  );
}

/** What an id stands for: a hook of a caller's, or the callback of a run that waits for one job. */
export type HookKey =
  | { kind: "hook"; callerTag: string; name: string }
  | { kind: "callback"; jobId: string; name: string };

/** What is signed of an id. The rest of it is the signature: knowing the name alone, nobody can make it. */
export function keyText(key: HookKey): string {
  return `${key.kind === "hook" ? `hook_${key.callerTag}` : key.jobId}_${key.name}`;
}

const pattern = /^(hook_([0-9a-z]{12})|job_[0-9a-z]{32})_([0-9a-f]{32})_([\w-]{43})$/;

/** An id's two parts, whether or not they belong together; undefined for a text that is no id. */
export function splitHookId(id: string): { key: HookKey; signature: string } | undefined {
  const [, owner, callerTag, name, signature] = pattern.exec(id) ?? [];
  if (owner === undefined || name === undefined || signature === undefined) return undefined;
  const key: HookKey =
    callerTag === undefined ? { kind: "callback", jobId: owner, name } : { kind: "hook", callerTag, name };
  return { key, signature };
}

/**
 * Whom a delivery tells, other than the job's webhook: by a name that isn't the address, nor the id that its owner holds,
 * since it stands in durable histories.
 */
export type DeliveryTarget = `${HookKey["kind"]}_${string}`;

export function targetOf({ kind, name }: Pick<HookKey, "kind" | "name">): DeliveryTarget {
  return `${kind}_${name}`;
}

export function nameOfTarget(target: DeliveryTarget, kind: HookKey["kind"]): string | undefined {
  return target.startsWith(`${kind}_`) ? target.slice(kind.length + 1) : undefined;
}
