import type { ProxiedRequest } from "./proxied-request.ts";
import type { RunScope } from "./run-scope.ts";

/** Which requests a rule strikes. What is left out matches everything. */
export interface Match {
  service?: ProxiedRequest["service"];
  kind?: ProxiedRequest["kind"];
  /** Name of a table, of a container or queue, or of an upstream route. */
  place?: string | readonly string[];
  /** Looked for in the path and the body. */
  pattern?: RegExp;
  /** The first matching request that is struck, counted from 1. */
  nth?: number;
  /** How many are struck from there on; 1 by default, and without limit inside a window. */
  times?: number;
  /** Strikes with this probability, by the run's own seed. */
  chance?: number;
  /** Strikes only from a moment of the run on, for so long. */
  window?: Window;
}

export interface Window {
  from: Moment;
  forMs: number;
}

/** What the proxies see happen to a job, or its driver does. */
export type Moment = "sent" | "recorded" | "accepted" | "called" | "answered" | "ending" | "ended";

export type Action =
  /** An error in place of the work. `code` and `retryAfter` (seconds) as the service would tell them. */
  | { kind: "status"; status: number; code?: string; retryAfter?: number; afterWork?: boolean }
  /** Reset before anything is forwarded. */
  | { kind: "reset" }
  /** Forwarded after so many milliseconds. */
  | { kind: "delay"; ms: number }
  /** Nothing at all, until the client leaves. */
  | { kind: "hang" }
  /** The work is done and its answer lost: forwarded, then reset. */
  | { kind: "lost" }
  /** The answer is cut off after this share of its body. */
  | { kind: "cut"; share: number }
  /** The body at so many bytes a second. */
  | { kind: "slow"; bytesPerSecond: number }
  /** The answer's body is replaced; its status stays. */
  | { kind: "body"; contentType: string; text: string };

export interface Rule {
  /** For reports: what the fault is, in words. */
  name: string;
  match: Match;
  action: Action;
}

/** Actions after which the app has the answer as it was. */
export function leavesAnswerWhole({ kind }: Action): boolean {
  return kind === "delay" || kind === "slow";
}

/** A rule in force, with what it has seen. */
export class ArmedRule {
  readonly rule: Rule;
  seen = 0;
  struck = 0;

  constructor(rule: Rule) {
    this.rule = rule;
  }

  /** Whether this very request is struck; each call counts. */
  strikes(request: ProxiedRequest, scope: RunScope, now: number): boolean {
    const { match } = this.rule;
    if (!fits(match, request)) return false;
    if (match.window && !isOpen(match.window, scope, now)) return false;
    this.seen += 1;
    const first = match.nth ?? 1;
    const times = match.times ?? (match.window || match.chance !== undefined ? Infinity : 1);
    if (this.seen < first || this.seen >= first + times) return false;
    if (match.chance !== undefined && scope.random.next() >= match.chance) return false;
    this.struck += 1;
    return true;
  }
}

function fits({ service, kind, place, pattern }: Match, request: ProxiedRequest): boolean {
  if (service !== undefined && service !== request.service) return false;
  if (kind !== undefined && kind !== request.kind) return false;
  if (place !== undefined && ![place].flat().includes(request.place)) return false;
  return pattern === undefined || pattern.test(request.text);
}

function isOpen({ from, forMs }: Window, scope: RunScope, now: number): boolean {
  const began = scope.moments.get(from);
  return began !== undefined && now < began + forMs;
}
