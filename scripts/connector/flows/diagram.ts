import type { JsonObject } from "../json.ts";
import type { Words } from "./words.ts";
import { awaitedBy, branchesOf, type Step, stepsBeside, stepsOf, triggersOf } from "./workflow.ts";

export type Speak = (step: Step) => Words;

/** A workflow as a Mermaid flow chart, which GitHub draws in a README, in both colour schemes. */
export function diagramOf(definition: JsonObject, speak: Speak): string {
  const [trigger] = triggersOf(definition);
  if (!trigger) throw new Error("A workflow without a trigger has no diagram.");
  const ids = new Map(stepsOf(definition).map(({ name }, index) => [name, `s${index}`]));
  const idOf = (name: string) => ids.get(name) ?? name;
  const arrows: string[] = [];

  function drawn(step: Step, indent: string): string[] {
    for (const [name, statuses] of awaitedBy(step))
      arrows.push(`  ${idOf(name)} -->${conditionOf(statuses)} ${idOf(step.name)}`);
    const { title, notes } = speak(step);
    const text = [`<b>${escaped(title)}</b>`, ...notes.map(escaped)].join("<br>");
    const branches = branchesOf(step);
    if (branches.length === 0) return [`${indent}${idOf(step.name)}["${text}"]`];
    const within = branches.flatMap(({ name }, index) => {
      const around = [...step.around, { step, branch: name }];
      const inner = stepsBeside(definition, around);
      if (branches.length === 1) return inner.flatMap((each) => drawn(each, `${indent}  `));
      return [
        `${indent}  subgraph ${idOf(step.name)}b${index}["${escaped(labelOf(step, name))}"]`,
        ...inner.flatMap((each) => drawn(each, `${indent}    `)),
        `${indent}  end`,
      ];
    });
    return [`${indent}subgraph ${idOf(step.name)}["${text}"]`, ...within, `${indent}end`];
  }

  const outer = stepsBeside(definition, []);
  const steps = [trigger, ...outer].flatMap((step) => drawn(step, "  "));
  const first = outer.filter((step) => awaitedBy(step).size === 0);
  const begun = first.map(({ name }) => `  ${idOf(trigger.name)} --> ${idOf(name)}`);
  return ["flowchart TD", ...steps, ...begun, ...arrows].join("\n");
}

/** Names are other people's words: a quotation mark would end a text, and a bracket begin markup. */
const escaped = (text: string) =>
  text.replaceAll(/[&"<>#]/g, (mark) => `#${mark.codePointAt(0)?.toString() ?? ""};`);

const labelOf = ({ type }: Step, branch: string) =>
  type === "If" ? (branch === "else" ? "or else" : "then") : branch.replaceAll("_", " ");

const ways: Record<string, string> = {
  Succeeded: "succeeded",
  Failed: "failed",
  Skipped: "was skipped",
  TimedOut: "took too long",
};

function conditionOf(statuses: string[]): string {
  if (statuses.join() === "Succeeded") return "";
  return `|"if it ${statuses.map((status) => ways[status] ?? status).join(" or ")}"|`;
}
