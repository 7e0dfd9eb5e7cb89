import { isObject, type Json, type JsonObject, objectAt, textAt } from "../../../scripts/connector/json.ts";
import type { WorkflowEngine } from "./engine.ts";

/** A form's field that is filled from what another operation tells. */
export interface DynamicField {
  /** Steps into the definition. */
  place: string[];
  kind: DynamicKind;
  rule: JsonObject;
}

const kinds = [
  "x-ms-dynamic-values",
  "x-ms-dynamic-list",
  "x-ms-dynamic-schema",
  "x-ms-dynamic-properties",
] as const;
type DynamicKind = (typeof kinds)[number];

export interface Choice {
  value: Json | undefined;
  title: Json | undefined;
}

export const isList = ({ kind }: Pick<DynamicField, "kind">) =>
  kind === "x-ms-dynamic-values" || kind === "x-ms-dynamic-list";

export function dynamicFieldsOf(node: Json, place: string[] = []): DynamicField[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => dynamicFieldsOf(item, [...place, String(at)]));
  if (!isObject(node)) return [];
  const own = kinds.flatMap((kind): DynamicField[] =>
    kind in node ? [{ place, kind, rule: objectAt(node, kind) }] : [],
  );
  return [
    ...own,
    ...Object.entries(node).flatMap(([name, field]) => dynamicFieldsOf(field, [...place, name])),
  ];
}

/** The choices of a list, as a designer shows them. */
export async function choicesOf(
  engine: WorkflowEngine,
  { rule, kind }: DynamicField,
  chosen: Record<string, Json>,
): Promise<Choice[]> {
  const isOld = kind === "x-ms-dynamic-values";
  const body = await ask(engine, rule, chosen);
  const items = at(body, textAt(rule, isOld ? "value-collection" : "itemsPath"));
  if (!Array.isArray(items)) throw new Error(`${kind}: there is no list.`);
  return items.map((item) => ({
    value: at(item, textAt(rule, isOld ? "value-path" : "itemValuePath")),
    title: at(item, textAt(rule, isOld ? "value-title" : "itemTitlePath")),
  }));
}

async function ask(engine: WorkflowEngine, rule: JsonObject, chosen: Record<string, Json>): Promise<Json> {
  const inputs = Object.entries(objectAt(rule, "parameters")).map(([name, source]): [string, Json] => {
    const field = sourceOf(source);
    if (field === undefined)
      return [name, isObject(source) && "value" in source ? (source["value"] ?? null) : source];
    const value = chosen[field];
    if (value === undefined) throw new Error(`Nobody has chosen ${field}.`);
    return [name, value];
  });
  const { status, body } = await engine.act(textAt(rule, "operationId") ?? "", Object.fromEntries(inputs));
  if (status !== 200) throw new Error(`${textAt(rule, "operationId") ?? ""}: ${status}`);
  return body as Json;
}

function sourceOf(source: Json): string | undefined {
  return textAt(source, "parameter") ?? textAt(source, "parameterReference")?.split("/").at(-1);
}

function at(node: Json | undefined, path: string | undefined): Json | undefined {
  return (path ?? "")
    .split("/")
    .filter((step) => step !== "")
    .reduce<Json | undefined>((reached, step) => (isObject(reached) ? reached[step] : undefined), node);
}
