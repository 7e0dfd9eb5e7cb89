import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../json.ts";

/** A step of a workflow, where it stands, and what is around it. */
export interface Step {
  name: string;
  kind: "trigger" | "action";
  type: string;
  node: JsonObject;
  /** The containers around it, outermost first, each by the step and by which of its branches. */
  around: { step: Step; branch: string }[];
}

/** A list of actions that belongs to a container: its own, or one of its branches. */
export interface Branch {
  name: string;
  actions: JsonObject;
}

export const statuses = ["Succeeded", "Failed", "Skipped", "TimedOut"] as const;

/** The branches of a container, in the order in which they are written; none for other actions. */
export function branchesOf({ type, node }: Pick<Step, "type" | "node">): Branch[] {
  const own = { name: "actions", actions: objectAt(node, "actions") };
  if (type === "Scope" || type === "Foreach" || type === "Until") return [own];
  if (type === "If") return [own, { name: "else", actions: objectAt(objectAt(node, "else"), "actions") }];
  if (type !== "Switch") return [];
  return [
    ...Object.entries(objectAt(node, "cases")).map(([name, one]) => ({
      name,
      actions: objectAt(one, "actions"),
    })),
    { name: "default", actions: objectAt(objectAt(node, "default"), "actions") },
  ];
}

export function triggersOf(definition: JsonObject): Step[] {
  return Object.entries(objectAt(definition, "triggers")).map(([name, node]) =>
    stepOf("trigger", name, node, []),
  );
}

/** Every action of the workflow, containers before what they hold. */
export function actionsOf(definition: JsonObject): Step[] {
  return within(objectAt(definition, "actions"), []);
}

export function stepsOf(definition: JsonObject): Step[] {
  return [...triggersOf(definition), ...actionsOf(definition)];
}

function within(actions: JsonObject, around: Step["around"]): Step[] {
  return Object.entries(actions).flatMap(([name, node]) => {
    const step = stepOf("action", name, node, around);
    return [
      step,
      ...branchesOf(step).flatMap((branch) =>
        within(branch.actions, [...around, { step, branch: branch.name }]),
      ),
    ];
  });
}

function stepOf(kind: Step["kind"], name: string, node: Json, around: Step["around"]): Step {
  return {
    kind,
    name,
    type: textAt(node, "type") ?? "",
    node: isObject(node) ? node : {},
    around,
  };
}

/** The actions that this one waits for, each with the statuses that it goes on with. */
export function awaitedBy({ node }: Pick<Step, "node">): Map<string, string[]> {
  const after = objectAt(node, "runAfter");
  return new Map(Object.keys(after).map((name) => [name, listAt(after, name).map(String)]));
}

/** Whether both stand in the same list of actions. */
export function areBeside(one: Step, other: Step): boolean {
  return one.kind === other.kind && placeOf(one.around) === placeOf(other.around);
}

/** The actions that stand together in a branch, or outside of all containers. */
export function stepsBeside(definition: JsonObject, around: Step["around"]): Step[] {
  const place = placeOf(around);
  return actionsOf(definition).filter((step) => placeOf(step.around) === place);
}

function placeOf(around: Step["around"]): string {
  return JSON.stringify(around.map(({ step, branch }) => [step.name, branch]));
}

/** The connection that an action goes through, by the name that the definition has for it, or Standard's connections.json. */
export function connectionOf({ node }: Step): string | undefined {
  const host = objectAt(objectAt(node, "inputs"), "host");
  const connection = objectAt(host, "connection");
  const name = textAt(connection, "name") ?? "";
  return (
    textAt(connection, "referenceName") ??
    /^@parameters\('\$connections'\)\['([^']+)'\]\['connectionId'\]$/.exec(name)?.[1]
  );
}

/** Every text of a node, with the way to it; not those of what a container holds. */
export function textsIn(node: Json | undefined, way = ""): { way: string; text: string }[] {
  if (typeof node === "string") return [{ way, text: node }];
  if (Array.isArray(node)) return node.flatMap((entry, at) => textsIn(entry, `${way}[${at}]`));
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => textsIn(value, way === "" ? key : `${way}.${key}`));
}

/** What of an action is its own: a container without its branches. */
export function ownPart(step: Step): JsonObject {
  const inner = branchesOf(step).length > 0 ? ["actions", "else", "cases", "default"] : [];
  return Object.fromEntries(Object.entries(step.node).filter(([key]) => !inner.includes(key)));
}
