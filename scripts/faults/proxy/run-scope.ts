import { Random } from "../random.ts";
import type { ProxiedRequest } from "./proxied-request.ts";
import { ArmedRule, type Moment, type Rule } from "./rule.ts";

/** One answer of the image service on its way to the app. */
export interface UpstreamAnswer {
  place: string;
  status: number;
  /** Pictures in it, by content or by link. */
  images: number;
  /** It was forwarded to its last byte, as it was. */
  isWhole: boolean;
  at: number;
}

/**
 * What belongs to one run: its rules, and the names by which its requests are known. The token stands in the run's
 * prompts and file names; ids of jobs, uploads and operations are learned from requests that hold it.
 */
export class RunScope {
  readonly token: string;
  readonly random: Random;
  readonly rules: ArmedRule[];
  readonly moments = new Map<Moment, number>();
  readonly answers: UpstreamAnswer[] = [];
  readonly jobs = new Set<string>();

  constructor(token: string, seed: number, rules: readonly Rule[]) {
    this.token = token;
    this.random = new Random(seed);
    this.rules = rules.map((rule) => new ArmedRule(rule));
  }

  /** Only the first time counts. */
  note(moment: Moment, now = Date.now()): void {
    if (!this.moments.has(moment)) this.moments.set(moment, now);
  }

  /** Whether any of these rules has struck. */
  hasStruck(rules: readonly Rule[]): boolean {
    return this.rules.some(({ rule, struck }) => struck > 0 && rules.includes(rule));
  }

  /** The first rule that strikes; all of them count the request. */
  struck(request: ProxiedRequest, now = Date.now()): Rule | undefined {
    const striking = this.rules.filter((armed) => armed.strikes(request, this, now));
    return striking[0]?.rule;
  }
}

/** A run's token: known by its shape, so that it is found in any text. */
export const tokenOf = (seed: number) => `flt${seed.toString(36).padStart(9, "0")}z`;

const marks =
  /flt[0-9a-z]{9}z|(?:job|upl)_[0-9a-hjkmnp-tv-z]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const isJob = (mark: string) => mark.startsWith("job_");

/** All runs that go on at once, found by what their requests hold. */
export class Scopes {
  readonly #byMark = new Map<string, RunScope>();
  /** Strikes every request, whosever it is; for outages of everything. */
  everybody: RunScope | undefined;

  add(scope: RunScope): void {
    this.#byMark.set(scope.token, scope);
  }

  remove(scope: RunScope): void {
    for (const [mark, owner] of this.#byMark) if (owner === scope) this.#byMark.delete(mark);
  }

  /**
   * Whose request this is. Ids of jobs and uploads in a write that names one run alone are that run's from then on. One that
   * names several (the row of a quota pool holds the calls of all) is nobody's: one run's outage would hold up the others.
   */
  of(request: ProxiedRequest): RunScope | undefined {
    const found = new Set(request.text.match(marks));
    const owners = new Set([...found].flatMap((mark) => this.#byMark.get(mark) ?? []));
    const [scope, another] = owners;
    if (!scope || another) return undefined;
    if (request.kind === "write") for (const mark of found) this.learn(scope, mark);
    return scope;
  }

  learn(scope: RunScope, mark: string): void {
    if (this.#byMark.has(mark)) return;
    this.#byMark.set(mark, scope);
    if (isJob(mark)) scope.jobs.add(mark);
  }

  /** Names that an answer to a run's request gives: operations, and pictures behind links. */
  learnFrom(scope: RunScope, text: string): void {
    for (const mark of text.match(marks) ?? []) this.learn(scope, mark);
  }
}
