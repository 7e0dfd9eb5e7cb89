import { ServiceError } from "../service-error.ts";
import { ruleSchema, type Rule } from "./fault.ts";

const brackets = /\[\[([^\]]*)\]\]/g;
const word = /([\w-]+)(?:=("[^"]*"|\S+))?/g;
const ruleWords: readonly string[] = ["nth", "times", "on"];

/** What a word means without a value. */
const bareValues: Readonly<Record<string, string>> = {
  refuse: "input",
  cut: "50%",
  stall: "50%",
  rate: "1",
  chunk: "1",
  stream: "ignored",
  duplicate: "0",
  comments: "1000",
  ending: "none",
  base64: "invalid",
  body: "truncated",
  operation: "running",
  billed: "true",
};

/** `[[503]]`, `[[429=4 times=2]]`, `[[refuse=output nth=4]]`, `[[cut=10% on=image]]`: one rule per pair of brackets. */
export function rulesInPrompt(prompt: string): Rule[] {
  return Array.from(prompt.matchAll(brackets), ([whole, inside = ""]) => {
    const parsed = ruleSchema.safeParse(ruleOf(inside));
    if (parsed.success) return parsed.data;
    // A misspelt fault must not pass for a healthy answer.
    throw new ServiceError(400, "simulatorWord", `The simulator does not know ${whole}.`);
  });
}

/** The prompt as a person meant it: what is lettered, revised and counted in tokens. */
export function withoutWords(prompt: string): string {
  return prompt.replace(brackets, " ").replace(/\s+/g, " ").trim();
}

function ruleOf(inside: string): unknown {
  const pairs = Array.from(inside.matchAll(word), ([, key = "", value]) =>
    spellOut(key.replaceAll("-", "_"), value?.replace(/^"(.*)"$/, "$1")),
  ).flat();
  const given = new Map(pairs);
  const fault = Object.fromEntries(pairs.filter(([key]) => !ruleWords.includes(key)));
  const match = { route: given.get("on"), nth: given.get("nth") };
  return { match, times: given.get("times"), fault };
}

function spellOut(key: string, value: string | undefined): [string, string][] {
  if (/^\d{3}$/.test(key)) {
    const status: [string, string] = ["status", key];
    return value === undefined ? [status] : [status, ["retry_after", value]];
  }
  if (key === "empty") return [["images", "0"]];
  if ((key === "cut" || key === "stall") && value === "body") return [[key, "50%"]];
  return [[key, value ?? bareValues[key] ?? ""]];
}
