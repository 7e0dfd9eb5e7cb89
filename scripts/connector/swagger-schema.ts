import * as z from "zod";
import { asJson, isObject, type Json, type JsonObject, listAt, objectAt } from "./json.ts";

/**
 * Schemas of OpenAPI 2.0 from those of the app, in the dialect that designers understand: no composition, no maps, one
 * type each. What the dialect can't say stops the generator, so that a field is never lost in silence.
 */
export class Definitions {
  readonly all: Record<string, JsonObject> = {};

  /** A reference to the schema, which must have a name of its own. */
  reference(schema: z.ZodObject): JsonObject {
    const { $ref, definitions } = this.#read(schema);
    for (const [name, definition] of Object.entries(isObject(definitions) ? definitions : {}))
      this.all[name] = spoken(definition, name);
    if ($ref === undefined) throw new Error("A body needs meta({ id }).");
    return { $ref };
  }

  /** The fields of an object, each as a schema, and which of them are required. */
  fields(schema: z.ZodObject): { name: string; required: boolean; schema: JsonObject }[] {
    const whole = this.#read(schema);
    const required = Array.isArray(whole["required"]) ? whole["required"] : [];
    return Object.entries(objectAt(whole, "properties")).map(([name, field]) => ({
      name,
      required: required.includes(name),
      schema: spoken(field, name),
    }));
  }

  #read(schema: z.ZodObject): JsonObject {
    const read = asJson(z.toJSONSchema(schema, { target: "draft-4" }));
    return isObject(read) ? read : {};
  }
}

function spoken(schema: Json, place: string): JsonObject {
  if (!isObject(schema)) throw new Error(`${place} is no schema.`);
  const wrapped = soleReference(schema);
  if (wrapped) return wrapped;
  for (const foreign of ["allOf", "anyOf", "oneOf", "not", "const"])
    if (foreign in schema) throw new Error(`${place} has ${foreign}, which designers don't understand.`);
  if (Array.isArray(schema["type"])) throw new Error(`${place} has more than one type.`);
  if ("$ref" in schema) return { $ref: schema["$ref"] ?? "" };
  // A form that is told by another operation replaces the fields that the app itself checks.
  const isDynamic = "x-ms-dynamic-schema" in schema;
  const { properties, items, required } = schema;
  const structure = ["id", "properties", "items", "required", "additionalProperties"];
  const facts = Object.fromEntries(Object.entries(schema).filter(([key]) => !structure.includes(key)));
  return {
    ...withoutNoise(facts),
    ...(items !== undefined && { items: spoken(items, `${place}[]`) }),
    ...(isObject(properties) &&
      !isDynamic && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, field]) => [name, spoken(field, `${place}.${name}`)]),
        ),
      }),
    ...(Array.isArray(required) && required.length > 0 && !isDynamic && { required }),
  };
}

/** An optional field of a named schema comes as a composition of that alone. */
function soleReference(schema: JsonObject): JsonObject | undefined {
  const [only, ...others] = listAt(schema, "allOf");
  return isObject(only) && others.length === 0 && Object.keys(schema).length === 1 ? only : undefined;
}

/** Numbers get a format, and lose the bounds that only say that JavaScript has some. */
function withoutNoise({ type, format, pattern, minimum, maximum, ...facts }: JsonObject): JsonObject {
  const numeric = type === "integer" ? "int32" : type === "number" ? "double" : undefined;
  const declaredFormat = format ?? numeric;
  return {
    ...(type !== undefined && { type }),
    ...(declaredFormat !== undefined && { format: declaredFormat }),
    ...facts,
    ...(pattern !== undefined && format !== "date-time" && { pattern }),
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
}
