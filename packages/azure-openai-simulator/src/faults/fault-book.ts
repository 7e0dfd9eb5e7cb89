import { createHash } from "node:crypto";
import { asksForImages, type RouteName } from "../wire.ts";
import type { SimulatedFault, Rule } from "./fault.ts";
import { rulesInPrompt } from "./prompt-words.ts";

/** What a rule can see of a call. */
export interface CallText {
  readonly route: RouteName;
  readonly model: string | undefined;
  readonly deployment: string | undefined;
  readonly prompt: string | undefined;
}

/** Pure: does the rule speak of this call at all? */
export function matches({ match }: Rule, callText: CallText): boolean {
  const rightRoute =
    match.route === undefined ? asksForImages(callText.route) : match.route === callText.route;
  return (
    rightRoute &&
    (match.model === undefined || match.model === callText.model) &&
    (match.deployment === undefined || match.deployment === callText.deployment) &&
    (match.prompt_includes === undefined || callText.prompt?.includes(match.prompt_includes) === true)
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
  take(callText: CallText): SimulatedFault {
    const struck: SimulatedFault[] = [];
    for (const listed of this.#listed) {
      if (!matches(listed.rule, callText)) continue;
      listed.seen += 1;
      if (strikes(listed.rule, listed.seen)) struck.push(listed.rule.fault);
    }
    struck.push(...this.#takeWords(callText));
    return Object.assign({}, ...struck) as SimulatedFault;
  }

  #takeWords(callText: CallText): SimulatedFault[] {
    const prompt = callText.prompt ?? "";
    const digest = createHash("sha256").update(prompt).digest("base64");
    return rulesInPrompt(prompt).flatMap((rule, position) => {
      if (!matches(rule, callText)) return [];
      const key = `${digest} ${position}`;
      const number = (this.#seenWords.get(key) ?? 0) + 1;
      this.#seenWords.set(key, number);
      return strikes(rule, number) ? [rule.fault] : [];
    });
  }
}
