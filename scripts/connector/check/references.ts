import { isObject, type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import type { Finding } from "./finding.ts";
import { operationsOf, parametersOf, resolve } from "./walk.ts";

/** Every name by which one part of the definition means another. No tool follows them; a wrong one is an empty list at design time. */
export function checkReferences(definition: JsonObject): Finding[] {
  const known = new Map(operationsOf(definition).map(({ place, operation }) => [place, operation]));
  const findings: Finding[] = [];
  const add = (rule: string, place: string, message: string) =>
    findings.push({ rule: `references:${rule}`, place, message });

  for (const { place, operation } of operationsOf(definition)) {
    const inputs = inputsOf(definition, operation);
    for (const { at, call } of callsIn(definition, operation)) checkCall(`${place} ${at}`, call, inputs);
  }
  const test = textAt(objectAt(objectAt(definition, "x-ms-capabilities"), "testConnection"), "operationId");
  if (test === undefined || !known.has(test))
    add("test-connection", "x-ms-capabilities", `names ${test ?? "no operation"}`);
  return findings;

  function checkCall(place: string, call: JsonObject, inputs: ReadonlySet<string>): void {
    const operation = known.get(textAt(call, "operationId") ?? "");
    if (!operation) {
      add(
        "dynamic-operation",
        place,
        `calls ${textAt(call, "operationId") ?? "nothing"}, which there is not`,
      );
      return;
    }
    const taken = parametersOf(operation);
    const given = objectAt(call, "parameters");
    for (const [name, value] of Object.entries(given)) {
      if (!taken.some((parameter) => parameter["name"] === name))
        add("dynamic-parameter", place, `gives ${name}, which the operation doesn't take`);
      const source = textAt(value, "parameter") ?? textAt(value, "parameterReference");
      if (source !== undefined && !inputs.has(source))
        add("dynamic-parameter", place, `takes ${name} from ${source}, which is no input`);
    }
    for (const parameter of taken)
      if (parameter["required"] === true && !((textAt(parameter, "name") ?? "") in given))
        add("dynamic-parameter", place, "leaves out a required parameter");
    checkPaths(place, call, resolve(definition, objectAt(objectAt(operation, "responses"), "200")["schema"]));
  }

  function checkPaths(place: string, call: JsonObject, answer: JsonObject): void {
    const list = textAt(call, "value-collection") ?? textAt(call, "itemsPath");
    const entry = list === undefined ? answer : resolve(definition, at(answer, list)?.["items"]);
    if (list !== undefined && at(answer, list)?.["type"] !== "array")
      add("dynamic-path", place, `${list} is no list of the answer`);
    for (const key of ["value-path", "value-title", "itemValuePath", "itemTitlePath"]) {
      const path = textAt(call, key);
      if (path !== undefined && !at(entry, path))
        add("dynamic-path", place, `${key} ${path} is not in the answer`);
    }
  }

  function at(schema: JsonObject, path: string): JsonObject | undefined {
    return path.split("/").reduce<JsonObject | undefined>((node, step) => {
      const property = objectAt(node, "properties")[step];
      return property === undefined ? undefined : resolve(definition, property);
    }, schema);
  }
}

const extensions = [
  "x-ms-dynamic-values",
  "x-ms-dynamic-list",
  "x-ms-dynamic-schema",
  "x-ms-dynamic-properties",
  "x-ms-dynamic-tree",
];

/** The calls that an operation's own inputs and answers make, references followed. */
function callsIn(definition: JsonObject, operation: JsonObject): { at: string; call: JsonObject }[] {
  const seen = new Set<string>();
  const search = (node: Json | undefined): { at: string; call: JsonObject }[] => {
    if (Array.isArray(node)) return node.flatMap(search);
    if (!isObject(node)) return [];
    const reference = textAt(node, "$ref");
    if (reference !== undefined) {
      if (seen.has(reference)) return [];
      seen.add(reference);
      return search(resolve(definition, node));
    }
    return Object.entries(node).flatMap(([key, value]) =>
      extensions.includes(key) && isObject(value) ? [{ at: key, call: value }] : search(value),
    );
  };
  return search(operation);
}

/** Names by which a call may mean an input: a parameter, a field of the body, or its path. */
function inputsOf(definition: JsonObject, operation: JsonObject): ReadonlySet<string> {
  return new Set(
    parametersOf(operation).flatMap((parameter) => {
      const name = textAt(parameter, "name") ?? "";
      const fields = Object.keys(objectAt(resolve(definition, parameter["schema"]), "properties"));
      return [name, ...fields, ...fields.map((field) => `${name}/${field}`)];
    }),
  );
}
