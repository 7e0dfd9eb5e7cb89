import type { Finding } from "../../check/finding.ts";
import { type JsonObject, listAt, objectAt, textAt } from "../../json.ts";
import { type Expression, expressionsIn, namedBy, partsOf } from "../expression.ts";
import type { Services } from "../services.ts";
import { actionsOf, ownPart, type Step, stepsOf, textsIn } from "../workflow.ts";
import { reachOf } from "./reach.ts";
import { Meaning } from "./shapes.ts";

/** Functions that the samples use, or may: a name that isn't here is a slip until somebody has looked it up. */
const functions = new Set(
  [
    "action actions add addHours and base64 base64ToBinary binary body bool coalesce concat contains createArray",
    "decodeBase64 decodeUriComponent div empty encodeURIComponent endsWith equals first formatDateTime greater",
    "greaterOrEquals guid if int item items join json last length less lessOrEquals listCallbackUrl max min mul not",
    "null or outputs parameters range replace result rand skip split startsWith string sub substring take",
    "toLower toUpper triggerBody triggerOutputs trim union uriComponent utcNow variables workflow",
  ].flatMap((line) => line.split(" ")),
);

/** Every expression of a workflow: it can be read, and what it names is there, has ended by then, and has what is read of it. */
export function checkMeaning(definition: JsonObject, services: Services): Finding[] {
  const actions = actionsOf(definition);
  const parameters = Object.keys(objectAt(definition, "parameters"));
  const variables = actions.flatMap(({ node }) =>
    listAt(objectAt(node, "inputs"), "variables").map((variable) => textAt(variable, "name") ?? ""),
  );
  return stepsOf(definition).flatMap((step) => {
    const findings: Finding[] = [];
    const add = (rule: string, message: string) =>
      findings.push({ rule: `meaning:${rule}`, place: step.name, message });
    const meaning = new Meaning(definition, services, (key) =>
      add("field", `reads ${key}, which isn't there`),
    );
    for (const { text } of textsIn(ownPart(step))) {
      for (const expression of expressionsIn(text, (message) => add("expression", message))) {
        for (const part of partsOf(expression)) if (part.kind === "call") name(step, part, add);
        meaning.of(expression, step);
        for (const inner of insideCalls(expression)) meaning.of(inner, step);
      }
    }
    if (step.type === "AppendToArrayVariable") {
      const variable = textAt(objectAt(step.node, "inputs"), "name") ?? "";
      if (!variables.includes(variable)) add("variable", `adds to ${variable}, which is never made`);
    }
    cases(step, definition, services, add);
    return findings;
  });

  function name(
    step: Step,
    call: Extract<Expression, { kind: "call" }>,
    add: (rule: string, message: string) => void,
  ) {
    const named = namedBy(call);
    if (!functions.has(call.name)) add("function", `calls ${call.name}(), which there is not`);
    if (call.name === "parameters" && !parameters.includes(named ?? ""))
      add("parameter", `reads ${named ?? "a parameter"}, which isn't declared`);
    if (call.name === "variables" && !variables.includes(named ?? ""))
      add("variable", `reads ${named ?? "a variable"}, which is never made`);
    if (
      call.name === "items" &&
      !step.around.some(({ step: loop }) => loop.type === "Foreach" && loop.name === named)
    )
      add("loop", `takes an item of ${named ?? "nothing"}, which is no loop around it`);
    if (["body", "outputs", "actions", "result"].includes(call.name)) reach(step, named ?? "", add);
  }

  function reach(step: Step, named: string, add: (rule: string, message: string) => void) {
    const { kind } = reachOf(actions, step, named);
    if (kind === "unknown") add("action", `reads ${named}, which there is not`);
    if (kind === "unordered") add("order", `reads ${named}, which may not have run by then`);
    if (kind === "inside loop") add("loop", `reads ${named} from outside of its loop`);
  }
}

/** The arguments of calls, and of theirs: what is read within them has a meaning of its own. */
function insideCalls(expression: Expression): Expression[] {
  const heads = new Set(["coalesce", "first", "last", "string"]);
  if (expression.kind === "member") return insideCalls(expression.of);
  if (expression.kind === "literal") return [];
  return expression.given.flatMap((one, at) => [
    ...(heads.has(expression.name) && at === 0 ? [] : [one]),
    ...insideCalls(one),
  ]);
}

/** The cases of a switch over a choice are among what may be chosen. */
function cases(
  step: Step,
  definition: JsonObject,
  services: Services,
  add: (rule: string, message: string) => void,
): void {
  if (step.type !== "Switch") return;
  const [expression] = expressionsIn(textAt(step.node, "expression") ?? "");
  const shapes = expression && new Meaning(definition, services).of(expression, step);
  const choices = shapes?.flatMap(({ schema }) => listAt(schema, "enum")) ?? [];
  if (choices.length === 0) return;
  const declaredCases = objectAt(step.node, "cases");
  for (const name of Object.keys(declaredCases)) {
    const value = objectAt(declaredCases, name)["case"];
    if (value !== undefined && !choices.includes(value))
      add("case", `waits for ${JSON.stringify(value)}, which never comes`);
  }
}
