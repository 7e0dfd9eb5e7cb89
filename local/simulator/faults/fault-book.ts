import { createHash } from "node:crypto";
import { asksForImages, type RouteName } from "../wire.ts";
import type { Fault, Rule } from "./fault.ts";
import { rulesInPrompt } from "./prompt-words.ts";

/** What a rule can see of a call. */
export interface Subject {
  readonly route: RouteName;
  readonly model: string | undefined;
  readonly deployment: string | undefined;
  readonly prompt: string | undefined;
}

/** Pure: does the rule speak of this call at all? */
export function matches({ match }: Rule, subject: Subject): boolean {
  const rightRoute = match.route === undefined ? asksForImages(subject.route) : match.route === subject.route;
  return (
    rightRoute &&
    (match.model === undefined || match.model === subject.model) &&
    (match.deployment === undefined || match.deployment === subject.deployment) &&
    (match.prompt_includes === undefined || subject.prompt?.includes(match.prompt_includes) === true)
  );
}

/** Pure: of the calls that match, does the rule strike the one with this number, counted from 1? */
export function strikes({ match, times }: Rule, number: number): boolean {
  const first = match.nth ?? 1;
  const many = times ?? (match.nth === undefined ? Infinity : 1);
  return number >= first && number < first + many;
}

interface ListedRule {
  readonly rule: Rule;
  seen: number;
}

/** The rules in force and how often each has matched. Words in a prompt are counted per prompt. */
export class FaultBook {
  #listed: ListedRule[] = [];
  readonly #seenWords = new Map<string, number>();

  replace(rules: readonly Rule[]): void {
    this.#listed = rules.map((rule) => ({ rule, seen: 0 }));
    this.#seenWords.clear();
  }

  append(rules: readonly Rule[]): void {
    this.#listed.push(...rules.map((rule) => ({ rule, seen: 0 })));
  }

  list(): readonly ListedRule[] {
    return this.#listed;
  }

  /** Counts the call against every rule it matches; later rules win, words in the prompt win over rules. */
  take(subject: Subject): Fault {
    const struck: Fault[] = [];
    for (const listed of this.#listed) {
      if (!matches(listed.rule, subject)) continue;
      listed.seen += 1;
      if (strikes(listed.rule, listed.seen)) struck.push(listed.rule.fault);
    }
    struck.push(...this.#takeWords(subject));
    return Object.assign({}, ...struck) as Fault;
  }

  #takeWords(subject: Subject): Fault[] {
    const prompt = subject.prompt ?? "";
    const digest = createHash("sha256").update(prompt).digest("base64");
    return rulesInPrompt(prompt).flatMap((rule, position) => {
      if (!matches(rule, subject)) return [];
      const key = `${digest} ${position}`;
      const number = (this.#seenWords.get(key) ?? 0) + 1;
      this.#seenWords.set(key, number);
      return strikes(rule, number) ? [rule.fault] : [];
    });
  }
}
