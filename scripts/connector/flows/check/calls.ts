import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { type Finding, findingsOf, when } from "../../check/finding.ts";
import { bodyParameterOf, parametersOf, resolve } from "../../check/walk.ts";
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../../json.ts";
import type { Expression } from "../expression.ts";
import { type Called, calledBy, segmentsOf, type Services } from "../services.ts";
import { type Step, stepsOf } from "../workflow.ts";

/** Every call of a workflow against the definition of what it calls: the operation is there, and gets what it takes. */
export function checkCalls(definition: JsonObject, services: Services): Finding[] {
  return stepsOf(definition)
    .filter(({ type }) => type.startsWith("ApiConnection"))
    .flatMap((step) => {
      const called = calledBy(services, step);
      if (!called) return [finding("operation", step.name, "calls what no definition has")];
      return [
        ...kind(step, called),
        ...path(step, called),
        ...parameters(step, called),
        ...body(step, called),
      ];
    });
}

const finding = findingsOf("calls");
const inputsOf = ({ node }: Step) => objectAt(node, "inputs");

function kind(step: Step, { operation, notification }: Called): Finding[] {
  const isTrigger = "x-ms-trigger" in operation;
  const isWebhook = notification !== undefined;
  return [
    ...when(
      isTrigger !== (step.kind === "trigger"),
      finding("kind", step.name, isTrigger ? "acts by a trigger" : "starts by an action"),
    ),
    ...when(
      isWebhook !== (step.type === "ApiConnectionWebhook"),
      finding("kind", step.name, `is ${step.type}, which this operation is not for`),
    ),
    // The designer throws where a workflow reads what a hidden operation answers.
    ...when(
      operation["x-ms-visibility"] === "internal",
      finding("internal", step.name, "calls an operation that designers hide"),
    ),
  ];
}

/** What goes into a path is encoded as often as the definition asks: a slash in it would lead elsewhere. */
function path(step: Step, { path: template, operation }: Called): Finding[] {
  const given = segmentsOf(textAt(inputsOf(step), "path") ?? "");
  return template.split("/").flatMap((segment, at) => {
    if (!segment.startsWith("{")) return [];
    const parameter = parametersOf(operation).find(({ name }) => name === segment.slice(1, -1));
    const [wanted, expected] = parameter?.["x-ms-url-encoding"] === "double" ? [2, "twice"] : [1, "once"];
    return (given[at] ?? []).every((piece) => typeof piece === "string" || encodings(piece) === wanted)
      ? []
      : [finding("path-encoding", step.name, `${segment} is to be encoded ${expected}`)];
  });
}

function encodings(piece: Expression): number {
  if (piece.kind !== "call" || piece.name !== "encodeURIComponent") return 0;
  const [inner] = piece.given;
  return 1 + (inner ? encodings(inner) : 0);
}

function parameters(step: Step, { operation }: Called): Finding[] {
  const groups = [
    ["query", "queries"],
    ["header", "headers"],
  ] as const;
  return groups.flatMap(([place, key]) => {
    const taken = parametersOf(operation).filter((parameter) => parameter["in"] === place);
    const given = objectAt(inputsOf(step), key);
    return [
      ...Object.entries(given).flatMap(([name, value]) => {
        const parameter = taken.find((one) => one["name"] === name);
        return parameter
          ? values(step, name, parameter, value)
          : [finding("unknown-field", step.name, `gives ${name} in ${key}, which isn't taken`)];
      }),
      ...taken
        .filter((parameter) => parameter["required"] === true)
        .map((parameter) => textAt(parameter, "name") ?? "")
        .filter((name) => !(name in given))
        .map((name) => finding("required", step.name, `leaves out ${name}`)),
    ];
  });
}

function body(step: Step, called: Called): Finding[] {
  const parameter = bodyParameterOf(called.operation);
  const given = inputsOf(step)["body"];
  if (given === undefined)
    return parameter?.["required"] === true ? [finding("required", step.name, "leaves out the body")] : [];
  if (!parameter) return [finding("unknown-field", step.name, "gives a body, which isn't taken")];
  return fields(step, "body", called.definition, resolve(called.definition, parameter["schema"]), given);
}

function fields(step: Step, way: string, definition: JsonObject, schema: JsonObject, given: Json): Finding[] {
  if (schema["x-ms-notification-url"] === true)
    return given === "@{listCallbackUrl()}" || given === "@listCallbackUrl()"
      ? []
      : [finding("callback", step.name, `${way} is for the engine's own address alone`)];
  if (Array.isArray(given)) {
    const items = resolve(definition, schema["items"]);
    return schema["type"] === "array"
      ? given.flatMap((entry, at) => fields(step, `${way}[${at}]`, definition, items, entry))
      : [finding("value", step.name, `${way} is a list`)];
  }
  if (!isObject(given)) return values(step, way, schema, given);
  const properties = objectAt(schema, "properties");
  if (Object.keys(properties).length === 0) return [];
  return [
    ...Object.entries(given).flatMap(([name, value]) =>
      name in properties
        ? fields(step, `${way}.${name}`, definition, resolve(definition, properties[name]), value)
        : [finding("unknown-field", step.name, `gives ${way}.${name}, which isn't taken`)],
    ),
    ...listAt(schema, "required")
      .map(String)
      .filter((name) => !(name in given))
      .map((name) => finding("required", step.name, `leaves out ${way}.${name}`)),
  ];
}

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);

/** A value that stands there as it is; what an expression will give isn't known here. */
function values(step: Step, way: string, schema: JsonObject, given: Json): Finding[] {
  if (typeof given === "string" && given.includes("@")) return [];
  const { type, format, enum: choices, minimum, maximum, minLength, maxLength, pattern } = schema;
  const facts = { type, format, enum: choices, minimum, maximum, minLength, maxLength, pattern };
  const expected = Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
  if (expected["format"] === "binary" || expected["format"] === "int32") delete expected["format"];
  return ajv.validate(expected, given)
    ? []
    : [finding("value", step.name, `${way} is ${JSON.stringify(given)}: ${ajv.errorsText()}`)];
}
