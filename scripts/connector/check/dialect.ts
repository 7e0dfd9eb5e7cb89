import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Finding, findingsOf, when } from "./finding.ts";
import { type FoundOperation, operationsOf, parametersOf, resolve, schemasOf } from "./walk.ts";

/**
 * The dialect that the designers' own parser understands. Each rule is a form that it reads wrongly or not at all, or words
 * that a user would miss.
 */
export function checkDialect(definition: JsonObject): Finding[] {
  return [
    ...schemasOf(definition).flatMap(({ place, schema }) => aboutSchema(place, schema)),
    ...operationsOf(definition).flatMap((found) => aboutOperation(definition, found)),
  ];
}

const finding = findingsOf("dialect");

function aboutSchema(place: string, schema: JsonObject): Finding[] {
  const { type } = schema;
  const shape = "properties" in schema ? "object" : "items" in schema ? "array" : undefined;
  return [
    ...when(
      typeof type !== "string" || type === "null",
      finding("one-type", place, "has no single type; a union comes out as null"),
    ),
    ...when(
      shape !== undefined && type !== shape,
      finding("one-type", place, `looks like ${shape ?? ""} and doesn't say so`),
    ),
    ...when(type === "array" && !isObject(schema["items"]), finding("array-items", place, "has no items")),
    ...Object.entries(objectAt(schema, "properties")).flatMap(([name, property]) =>
      aboutField(`${place}.${name}`, name, property),
    ),
    ...pairs(place, schema),
    ...labels(place, schema),
  ];
}

function aboutField(place: string, name: string, field: Json): Finding[] {
  if (!isObject(field) || "$ref" in field) return [];
  return [
    ...words(place, field),
    // The designer wraps a value in base64() or its inverse by this format alone: without it, files are damaged.
    ...when(
      /contentbytes$/i.test(name) && field["format"] !== "byte",
      finding("byte-format", place, "holds a file and isn't of format byte"),
    ),
  ];
}

function words(place: string, field: JsonObject): Finding[] {
  const summary = textAt(field, "x-ms-summary");
  const description = textAt(field, "description");
  return [
    ...when(
      summary === undefined || description === undefined,
      finding("field-text", place, "needs x-ms-summary and description"),
    ),
    ...when(
      summary !== undefined && summary === description,
      finding("distinct-text", place, "says it twice"),
    ),
    ...when(
      summary !== undefined && (summary.length > 80 || !isTitleCase(summary)),
      finding("title-case", place, `"${summary ?? ""}" is no title of at most 80 characters`),
    ),
  ];
}

const smallWords = new Set(["a", "an", "and", "as", "at", "by", "for", "in", "of", "on", "or", "the", "to"]);

function isTitleCase(text: string): boolean {
  return text.split(" ").every((word, at) => /^[A-Z0-9]/.test(word) || (at > 0 && smallWords.has(word)));
}

/** Old designers read one extension of each pair, new ones the other. */
function pairs(place: string, schema: JsonObject): Finding[] {
  const both: [string, string][] = [
    ["x-ms-dynamic-values", "x-ms-dynamic-list"],
    ["x-ms-dynamic-schema", "x-ms-dynamic-properties"],
  ];
  return both.flatMap(([one, other]) =>
    when(
      one in schema !== other in schema,
      finding("dynamic-pair", place, `${one} and ${other} go together`),
    ),
  );
}

function labels(place: string, schema: JsonObject): Finding[] {
  if (!("x-ms-enum-values" in schema)) return [];
  const labelled = listAt(schema, "x-ms-enum-values").map((label) =>
    isObject(label) ? label["value"] : undefined,
  );
  return when(
    JSON.stringify(labelled) !== JSON.stringify(listAt(schema, "enum")),
    finding("enum-labels", place, "labels other values than it allows"),
  );
}

function aboutOperation(definition: JsonObject, { place, method, operation }: FoundOperation): Finding[] {
  const summary = textAt(operation, "summary") ?? "";
  const annotation = objectAt(operation, "x-ms-api-annotation");
  return [
    ...when(summary === textAt(operation, "description"), finding("distinct-text", place, "says it twice")),
    ...when(
      operation["deprecated"] === true && !summary.endsWith("(deprecated)"),
      finding("deprecated-words", place, "is deprecated and its summary doesn't say so"),
    ),
    ...when(
      textAt(annotation, "family") === undefined || annotation["revision"] === undefined,
      finding("annotation", place, "has no family and revision"),
    ),
    ...parametersOf(operation).flatMap((parameter) => aboutParameter(place, parameter)),
    ...aboutTrigger(definition, place, method, operation),
    ...aboutWaiting(definition, place, operation),
  ];
}

function aboutParameter(operation: string, parameter: JsonObject): Finding[] {
  const place = `${operation} ${textAt(parameter, "name") ?? "?"}`;
  const where = textAt(parameter, "in");
  if (where === "body") return [];
  return [
    ...words(place, parameter),
    ...labels(place, parameter),
    ...pairs(place, parameter),
    ...when(
      where === "path" && !("x-ms-url-encoding" in parameter),
      finding("url-encoding", place, "stands in a path and says nothing of its encoding"),
    ),
    ...when(
      where === "formData" && parameter["type"] === "array",
      finding("form-files", place, "is a list in a form, which designers leave out"),
    ),
  ];
}

function aboutTrigger(
  definition: JsonObject,
  place: string,
  method: string,
  operation: JsonObject,
): Finding[] {
  const kind = textAt(operation, "x-ms-trigger");
  if (kind === undefined) return [];
  const answer = objectAt(objectAt(operation, "responses"), "200");
  const schema = resolve(definition, answer["schema"]);
  const arrays = Object.values(objectAt(schema, "properties")).filter(
    (property) =>
      isObject(property) && property["type"] === "array" && property["x-ms-visibility"] !== "internal",
  );
  const others = Object.values(objectAt(schema, "properties")).filter(
    (property) =>
      isObject(property) && property["type"] !== "array" && property["x-ms-visibility"] !== "internal",
  );
  return [
    ...when(
      !/^When an? /.test(textAt(operation, "summary") ?? ""),
      finding("trigger-summary", place, 'is a trigger whose summary doesn\'t start with "When a"'),
    ),
    ...when(
      kind === "batch" && method !== "get",
      finding("trigger-method", place, "is polled, and therefore a GET"),
    ),
    ...when(
      kind === "batch" && schema["type"] !== "array" && (arrays.length !== 1 || others.length > 0),
      finding("batch-array", place, "can't be split: it needs one visible array and nothing else"),
    ),
    ...when(
      kind === "batch" && !("202" in objectAt(operation, "responses")),
      finding("trigger-nothing-new", place, "has no 202 for when nothing is new"),
    ),
  ];
}

/** An engine waits at 202. What it waits for needs a 200 with the final schema, told by an operation of this connector. */
function aboutWaiting(definition: JsonObject, place: string, operation: JsonObject): Finding[] {
  const responses = objectAt(operation, "responses");
  if (!("202" in responses) || "x-ms-trigger" in operation) return [];
  const final = objectAt(responses, "200")["schema"];
  const isPolled = operationsOf(definition).some(({ method, operation: other }) => {
    const polled = objectAt(other, "responses");
    return (
      method === "get" &&
      "202" in polled &&
      JSON.stringify(objectAt(polled, "200")["schema"]) === JSON.stringify(final)
    );
  });
  const hidden = operation["x-ms-visibility"] === "internal";
  return [
    ...when(
      final === undefined,
      finding(
        "accepted-result",
        place,
        "answers 202 and has no 200 with the final schema: all fields are lost",
      ),
    ),
    ...when(
      !("schema" in objectAt(responses, "202")),
      finding(
        "accepted-job",
        place,
        "answers 202 without a job, which is all there is with waiting turned off",
      ),
    ),
    ...when(
      !hidden && !isPolled,
      finding("accepted-polled", place, "is waited for by no operation of the connector"),
    ),
  ];
}
