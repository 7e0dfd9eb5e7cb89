import { blowInWords, inWords } from "./plan/planned-run.ts";
import type { Breach } from "./invariants/all.ts";
import type { BatchResult } from "./run/batch.ts";
import { describe, type RunResult } from "./run/run.ts";

const progressEvery = 50;

/** Counts runs and prints what breaks as soon as it does. */
export class Report {
  readonly #kinds = new Map<string, { runs: number; broken: number; seeds: string[] }>();
  readonly #invariants = new Map<string, number>();
  readonly #plans = new Map<string, string>();
  readonly #started = Date.now();
  #runs = 0;
  #broken = 0;
  #idle = 0;

  get isBroken(): boolean {
    return this.#broken > 0;
  }

  add(kind: string, result: RunResult): void {
    this.#count(kind, result.plan.seed, result.breaches);
    this.#remember(result);
    if (result.idle.length > 0) this.#idle += 1;
    if (result.breaches.length > 0) console.log(describe(result));
  }

  addBatch(kind: string, { plan, runs, breaches }: BatchResult): void {
    const all = [...breaches, ...runs.flatMap((each) => each.breaches)];
    this.#count(kind, plan.seed, all);
    for (const each of runs) this.#remember(each, plan.seed);
    if (all.length === 0) return;
    console.log(`  ${plan.seed}: ${blowInWords(plan)}`);
    for (const { invariant, how } of breaches) console.log(`      ${invariant}: ${how}`);
    for (const each of runs) if (each.breaches.length > 0) console.log(describe(each, plan.seed));
  }

  /** What is broken of a stack as a whole. It shows after the runs: a job's id leads back to its seed. */
  addEndState(kind: string, breaches: readonly Breach[]): void {
    this.#note(breaches);
    for (const { invariant, how } of breaches) {
      this.#broken += 1;
      console.log(`  after all ${kind}: ${invariant}: ${how}`);
      const plan = this.#plans.get(/job_\w+/.exec(how)?.[0] ?? "");
      if (plan !== undefined) console.log(`      of ${plan}`);
    }
  }

  print(): void {
    const rows = [...this.#kinds].map(([kind, { runs, broken }]) => [kind, String(runs), String(broken)]);
    if (rows.length > 0) console.log(`\n${tableOf(["kind", "runs", "broken"], rows)}`);
    for (const [kind, { seeds }] of this.#kinds)
      console.log(`${kind}: ${seeds.at(0) ?? ""} … ${seeds.at(-1) ?? ""}`);
    if (this.#invariants.size > 0) {
      const broken = [...this.#invariants]
        .sort(([, a], [, b]) => b - a)
        .map(([name, count]) => [name, String(count)]);
      console.log(`\n${tableOf(["broken", "times"], broken)}`);
    }
    const seconds = Math.round((Date.now() - this.#started) / 1000);
    console.log(
      `\n${this.#runs} runs in ${seconds} s, ${this.#broken} broken; in ${this.#idle} a fault found no request to strike.`,
    );
  }

  #remember({ jobId, plan }: RunResult, seed = plan.seed): void {
    if (jobId !== undefined) this.#plans.set(jobId, `${seed}  ${inWords(plan)}`);
  }

  #count(kind: string, seed: string, breaches: readonly Breach[]): void {
    const counted = this.#kinds.get(kind) ?? { runs: 0, broken: 0, seeds: [] };
    counted.runs += 1;
    counted.seeds.push(seed);
    this.#kinds.set(kind, counted);
    this.#runs += 1;
    if (breaches.length > 0) {
      counted.broken += 1;
      this.#broken += 1;
    }
    this.#note(breaches);
    if (this.#runs % progressEvery === 0) {
      const seconds = Math.round((Date.now() - this.#started) / 1000);
      console.log(`${this.#runs} runs, ${this.#broken} broken, ${seconds} s`);
    }
  }

  #note(breaches: readonly Breach[]): void {
    for (const name of new Set(breaches.map(({ invariant }) => invariant)))
      this.#invariants.set(name, (this.#invariants.get(name) ?? 0) + 1);
  }
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join(
    "\n",
  );
}
