import { operationsOf, parametersOf } from "../../../scripts/connector/check/walk.ts";
import { managedConnectors } from "../../../scripts/connector/flows/managed.ts";
import { awaitedBy, connectionOf } from "../../../scripts/connector/flows/workflow.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  textAt,
} from "../../../scripts/connector/json.ts";
import { type Known, spoken, worked } from "./expressions.ts";
import type { Operation } from "./definition.ts";
import type { WorkflowHarness } from "./harness.ts";
import { type Inputs, notificationField } from "./requests.ts";

type Status = "Succeeded" | "Failed" | "Skipped";

/** A call of a connector that isn't ours. */
export interface ManagedCall {
  action: string;
  path: string;
  queries: JsonObject;
  body: Json;
}

export interface Start {
  parameters?: JsonObject;
  trigger?: Json;
  /** What the connectors of others answer, by the name of the action. */
  answers?: Record<string, Json>;
}

export interface Ran {
  /** How each action ended that was come to. */
  statuses: Map<string, Status>;
  bodies: Map<string, Json>;
  managed: ManagedCall[];
  response: JsonObject | undefined;
}

/**
 * Runs a workflow's definition: its actions in their order, with their branches and loops, those of Darkroom's connector
 * against a Darkroom. Calls of other connectors are noted and answered as told.
 */
export async function runWorkflow(
  { engine, webhooks }: WorkflowHarness,
  definition: JsonObject,
  { parameters = {}, trigger = null, answers = {} }: Start,
): Promise<Ran> {
  const { definition: connector } = engine.connection;
  const run = engine.newRun();
  const usual = Object.entries(objectAt(definition, "parameters")).map(([name, each]) => [
    name,
    isObject(each) ? (each["defaultValue"] ?? null) : null,
  ]);
  const known: Known = {
    parameters: { ...(Object.fromEntries(usual) as JsonObject), ...parameters },
    trigger,
    bodies: new Map(),
    items: new Map(),
    variables: new Map(),
  };
  const ran: Ran = { statuses: new Map(), bodies: known.bodies, managed: [], response: undefined };
  let turns = 0;
  await branch(objectAt(definition, "actions"));
  return ran;

  /** Whether all went well, or what didn't was seen to by an action that runs after it. */
  async function branch(actions: JsonObject): Promise<boolean> {
    const left = new Map(Object.entries(actions));
    const ended = new Map<string, Status>();
    while (left.size > 0) {
      const next = [...left].find(([, node]) => [...awaited(node).keys()].every((name) => ended.has(name)));
      if (!next) throw new Error(`Nobody comes to ${[...left.keys()].join(", ")}.`);
      const [name, node] = next;
      left.delete(name);
      const isDue = [...awaited(node)].every(([before, wanted]) => wanted.includes(ended.get(before) ?? ""));
      ended.set(name, isDue ? ((await act(name, objectOf(node))) ? "Succeeded" : "Failed") : "Skipped");
      ran.statuses.set(name, ended.get(name) ?? "Skipped");
    }
    const isSeenTo = (failed: string) =>
      Object.values(actions).some((node) => awaited(node).get(failed)?.includes("Failed"));
    return [...ended].every(([name, status]) => status !== "Failed" || isSeenTo(name));
  }

  async function act(name: string, node: JsonObject): Promise<boolean> {
    const inputs = objectAt(node, "inputs");
    switch (textAt(node, "type")) {
      case "Scope":
        return branch(objectAt(node, "actions"));
      case "Foreach": {
        const results: boolean[] = [];
        for (const item of listOf(worked(node["foreach"] ?? null, known))) {
          known.items.set(name, item);
          results.push(await branch(objectAt(node, "actions")));
        }
        return results.every(Boolean);
      }
      case "If":
        return branch(
          objectAt(holds(objectAt(node, "expression")) ? node : objectAt(node, "else"), "actions"),
        );
      case "Switch": {
        const value = worked(node["expression"] ?? null, known);
        const found = Object.values(objectAt(node, "cases")).find((each) => objectOf(each)["case"] === value);
        return branch(objectAt(objectOf(found ?? node["default"] ?? {}), "actions"));
      }
      case "ApiConnection":
      case "ApiConnectionWebhook":
        return connectionOf({ name, kind: "action", type: "", node, around: [] }) === "darkroom"
          ? ask(name, inputs)
          : askOthers(name, inputs);
      case "OpenApiConnection":
      case "OpenApiConnectionWebhook":
        return askByName(name, inputs);
      case "InitializeVariable":
        for (const each of listAt(inputs, "variables"))
          known.variables.set(textAt(each, "name") ?? "", worked(objectOf(each)["value"] ?? null, known));
        return true;
      case "AppendToArrayVariable": {
        const variable = textAt(inputs, "name") ?? "";
        const list = listOf(known.variables.get(variable) ?? null);
        known.variables.set(variable, [...list, worked(inputs["value"] ?? null, known)]);
        return true;
      }
      case "Response":
        ran.response = objectOf(worked(inputs, known));
        return true;
      case "Compose":
        known.bodies.set(name, worked(node["inputs"] ?? null, known));
        return true;
      case "Table":
        known.bodies.set(name, worked(inputs["from"] ?? null, known));
        return true;
      default:
        throw new Error(`${name} is of a type that is not played`);
    }
  }

  /** Power Automate names an operation and its parameters; those of a body by their way. */
  async function askByName(name: string, inputs: JsonObject): Promise<boolean> {
    const host = objectAt(inputs, "host");
    const service = (textAt(host, "connectionName") ?? "").replace("shared_", "");
    const filled = nested(objectOf(worked(inputs["parameters"] ?? {}, known)));
    const operationId = textAt(host, "operationId") ?? "";
    if (service === "darkroom") return perform(name, connector.operation(operationId), filled);
    const definition = objectAt(managedConnectors, service);
    const found = operationsOf(definition).find(({ place }) => place === operationId);
    if (!found) throw new Error(`${name}: ${service} has no ${operationId}`);
    const given = Object.entries(filled).map(([field, value]) => {
      const parameter = parametersOf(found.operation).find((each) => each["name"] === field);
      if (!parameter) throw new Error(`${name}: ${operationId} takes no ${field}`);
      return { field, value, place: parameter["in"] };
    });
    const placed = (place: string) => given.filter((each) => each.place === place);
    const path = placed("path").reduce(
      (way, { field, value }) => way.replace(`{${field}}`, spoken(value)),
      found.path,
    );
    const queries = Object.fromEntries(placed("query").map(({ field, value }) => [field, value]));
    return note(name, { path, queries, body: placed("body")[0]?.value ?? null });
  }

  async function ask(name: string, inputs: JsonObject): Promise<boolean> {
    const path = spoken(worked(inputs["path"] ?? "", known));
    const method = textAt(inputs, "method") ?? "post";
    const operation = connector.operationAt(
      method,
      new URL(connector.basePath + path, "https://darkroom.example"),
    );
    if (!operation) throw new Error(`${name}: there is no ${method} ${path}`);
    const segments = path.split("/");
    const inPath = operation.path
      .split("/")
      .flatMap((segment, at): [string, Json][] =>
        segment.startsWith("{") ? [[segment.slice(1, -1), decodeURIComponent(segments[at] ?? "")]] : [],
      );
    const { callbackUrl: _, ...body } = objectOf(worked(inputs["body"] ?? {}, known));
    const bodyName = operation.parameters.find((parameter) => parameter["in"] === "body")?.["name"];
    const filled: Inputs = {
      ...Object.fromEntries(inPath),
      ...objectOf(worked(inputs["queries"] ?? {}, known)),
      ...(bodyName !== undefined && { [spoken(bodyName)]: body }),
    };
    return perform(name, operation, filled);
  }

  async function perform(name: string, operation: Operation, filled: Inputs): Promise<boolean> {
    const action = { run, turn: `turn-${(turns += 1)}`, unchecked: true };
    if (notificationField(connector, operation) !== undefined) {
      const { output, subscribed } = await webhooks.act(operation.operationId, filled, action);
      known.bodies.set(name, output ?? (subscribed.at(-1)?.body as Json));
      return output !== undefined;
    }
    const {
      status,
      body: answer,
      content,
      headers,
    } = await engine.act(operation.operationId, filled, action);
    const type = headers.get("content-type") ?? "";
    known.bodies.set(
      name,
      type.includes("json")
        ? (answer as Json)
        : { "$content-type": type, $content: content.toString("base64") },
    );
    return status < 400;
  }

  function askOthers(name: string, inputs: JsonObject): boolean {
    const call = objectOf(worked({ ...inputs, host: null }, known));
    const { path = "", queries = {}, body = null } = call;
    return note(name, { path: spoken(path), queries: objectOf(queries), body });
  }

  function note(name: string, call: Omit<ManagedCall, "action">): boolean {
    ran.managed.push({ action: name, ...call });
    known.bodies.set(name, answers[name] ?? {});
    return true;
  }

  function holds(expression: JsonObject): boolean {
    return Object.entries(expression).every(([joint, tests]) => {
      const results = listOf(tests).map((test) => {
        const [verb = "", sides] = Object.entries(objectOf(test))[0] ?? [];
        const [left, right] = listOf(worked(sides ?? [], known));
        if (verb !== "equals") throw new Error(`${verb} is not played`);
        return left === right;
      });
      return joint === "or" ? results.some(Boolean) : results.every(Boolean);
    });
  }
}

/** `a/b` as a field of an object `a`. */
function nested(flat: JsonObject): JsonObject {
  const whole: JsonObject = {};
  for (const [way, value] of Object.entries(flat)) {
    const steps = way.split("/");
    const last = steps.pop() ?? "";
    let at = whole;
    for (const step of steps) at = (at[step] ??= {}) as JsonObject;
    at[last] = value;
  }
  return whole;
}

const awaited = (node: Json) => awaitedBy({ node: objectOf(node) });
const objectOf = (value: Json): JsonObject => (isObject(value) ? value : {});
const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : []);
