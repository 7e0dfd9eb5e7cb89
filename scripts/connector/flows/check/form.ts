import { type Finding, findingsOf } from "../../check/finding.ts";
import { compiled, misfits } from "../../check/misfits.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../../json.ts";
import { actionsOf, areBeside, awaitedBy, connectionOf, type Step, stepsOf } from "../workflow.ts";
import { actionTypes } from "./action-schema.ts";
import { milliseconds, waitedBy } from "./duration.ts";
import { workflowSchema } from "./workflow-schema.ts";

const asWorkflow = compiled(workflowSchema);

export const checkWorkflowShape = (definition: JsonObject) =>
  misfits("workflow-schema", asWorkflow, definition);

/** What a schema can't say of a definition's form: names, order, times, connections. */
export function checkForm(definition: JsonObject): Finding[] {
  const actions = actionsOf(definition);
  return [
    ...actions.flatMap((step) => [...type(step), ...order(actions, step)]),
    ...names(actions),
    ...stepsOf(definition).flatMap((step) => [...times(step), ...connection(step)]),
  ];
}

const finding = findingsOf("form");

function type({ name, type: stepType }: Step): Finding[] {
  return actionTypes.includes(stepType)
    ? []
    : [finding("action-type", name, `is of type "${stepType}", which there is not`)];
}

/** Names are unique in the whole workflow, or expressions couldn't mean them. */
function names(actions: Step[]): Finding[] {
  const seen = new Set<string>();
  return actions.flatMap(({ name }) => {
    if (seen.has(name)) return [finding("name-twice", name, "is the name of two actions")];
    seen.add(name);
    return [];
  });
}

function order(actions: Step[], step: Step): Finding[] {
  const found = [...awaitedBy(step).keys()]
    .filter((name) => !actions.some((one) => one.name === name && areBeside(one, step)))
    .map((name) => finding("run-after", step.name, `waits for ${name}, which is not beside it`));
  return waitsForItself(actions, step)
    ? [...found, finding("run-after-circle", step.name, "waits for itself")]
    : found;
}

function waitsForItself(actions: Step[], step: Step): boolean {
  const seen = new Set<string>();
  const queue = [...awaitedBy(step).keys()];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === step.name) return true;
    const next = actions.find((one) => one.name === name);
    if (next && !seen.has(name)) queue.push(...awaitedBy(next).keys());
    seen.add(name);
  }
  return false;
}

const shortest = milliseconds("PT5S") ?? 0;
const longest = milliseconds("P1D") ?? 0;

function times(step: Step): Finding[] {
  const { name, node } = step;
  const policy = objectAt(objectAt(node, "inputs"), "retryPolicy");
  const durations = [
    textAt(objectAt(node, "limit"), "timeout"),
    ...["interval", "minimumInterval", "maximumInterval"].map((key) => textAt(policy, key)),
  ].filter((text) => text !== undefined);
  const unread = durations.filter((text) => milliseconds(text) === undefined);
  const [interval, least, most] = ["interval", "minimumInterval", "maximumInterval"].map((key) =>
    milliseconds(textAt(policy, key) ?? ""),
  );
  return [
    ...unread.map((text) => finding("duration", name, `"${text}" is no ISO 8601 duration`)),
    ...[interval, least, most]
      .filter((time) => time !== undefined && (time < shortest || time > longest))
      .map(() => finding("retry-interval", name, "retries sooner than 5 seconds or later than a day")),
    ...(least !== undefined && most !== undefined && least > most
      ? [finding("retry-interval", name, "has its shortest wait above its longest")]
      : []),
    ...(Object.keys(policy).length > 0 && waitedBy(policy) === undefined && unread.length === 0
      ? [finding("retry-policy", name, "is no retry policy")]
      : []),
  ];
}

function connection(step: Step): Finding[] {
  if (!step.type.startsWith("ApiConnection")) return [];
  return connectionOf(step) === undefined
    ? [finding("connection-form", step.name, "names its connection otherwise than by a fixed reference")]
    : [];
}

/** Connections that the template gives, against those that the workflow uses. */
export function checkConnections(definition: JsonObject, given: string[]): Finding[] {
  const used = new Set(
    stepsOf(definition)
      .map(connectionOf)
      .filter((name) => name !== undefined),
  );
  return [
    ...[...used]
      .filter((name) => !given.includes(name))
      .map((name) => finding("connection", name, "is used and not given")),
    ...given
      .filter((name) => !used.has(name))
      .map((name) => finding("connection", name, "is given and not used")),
  ];
}

/** Parameters that the template gives, against those that the workflow asks for. */
export function checkValues(definition: JsonObject, given: string[]): Finding[] {
  const asked = Object.entries(objectAt(definition, "parameters")).filter(
    ([name]) => name !== "$connections",
  );
  const names = asked.map(([name]) => name);
  const needed = asked.filter(([, one]) => isObject(one) && !("defaultValue" in one)).map(([name]) => name);
  return [
    ...needed
      .filter((name) => !given.includes(name))
      .map((name) => finding("value", name, "has no default and isn't given")),
    ...given
      .filter((name) => !names.includes(name))
      .map((name) => finding("value", name, "is given and not asked for")),
  ];
}
