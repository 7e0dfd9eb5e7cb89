import * as z from "zod";
import { metaOf, unwrapped } from "./fields.ts";
import { isEnvelope, readFlowContent } from "./flow-content.ts";

/**
 * What a workflow sends, as the schema knows it, at every depth. Designers send what was left empty as an empty text or as a
 * blank one; answers of forms and variables are text, whatever they hold; one entry comes in place of a list. What can't be
 * read as its field stays as it is, for the schema to refuse.
 */
export function readInputs(value: unknown, schema: z.ZodObject): unknown {
  return isRecord(value) ? readFields(value, schema) : value;
}

/** Undefined for what counts as absent. */
function read(value: unknown, field: z.ZodType): unknown {
  if (value === null || value === undefined || isBlank(value)) return undefined;
  const meta = metaOf(field);
  const schema = unwrapped(field);
  if (meta["format"] === "byte") return readFlowContent(value);
  if (schema instanceof z.ZodObject) return readObject(value, schema);
  if (schema instanceof z.ZodArray) return readList(value, schema.element as z.ZodType);
  if (schema instanceof z.ZodRecord) return readTexts(value, schema.valueType as z.ZodType);
  if (schema instanceof z.ZodNumber) return readNumber(value);
  if (schema instanceof z.ZodBoolean) return readBoolean(value);
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return readText(value, meta, schema);
  return value;
}

function readFields(given: Record<string, unknown>, schema: z.ZodObject): Record<string, unknown> {
  const entries = Object.entries(given).map(([name, value]): [string, unknown] => {
    const field: unknown = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    return [name, field instanceof z.ZodType ? read(value, field) : value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function readObject(value: unknown, schema: z.ZodObject): unknown {
  const object = parsedText(value, "{");
  const content = Object.keys(schema.shape).find((name) => metaOf(schema.shape[name])["format"] === "byte");
  if (content !== undefined) return readFields(asFile(object, content, schema), schema);
  return isRecord(object) ? readFields(object, schema) : object;
}

/** A file in place of the entry that holds it; and a mail's attachment, whose fields some connectors write in capitals. */
function asFile(value: unknown, content: string, { shape }: z.ZodObject): Record<string, unknown> {
  if (isEnvelope(value)) return { [content]: value };
  if (!isRecord(value))
    return typeof value === "string" && /^\s*https?:\/\//i.test(value)
      ? { url: value.trim() }
      : { [content]: value };
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [names.get(name.toLowerCase()) ?? name, entry]),
  );
}

function readList(value: unknown, element: z.ZodType): unknown {
  const list = parsedText(value, "[");
  const isOfText = unwrapped(element) instanceof z.ZodString;
  const entries = Array.isArray(list)
    ? list
    : typeof list === "string" && isOfText
      ? list.split(/[,;\n]/).map((entry) => entry.trim())
      : [list];
  const all = entries.map((entry) => read(entry, element));
  return isOfText ? all.filter((entry) => entry !== undefined) : all;
}

/** A form has no field for names of one's own, so they may come as the text of an object. */
function readTexts(value: unknown, element: z.ZodType): unknown {
  const record = parsedText(value, "{");
  if (!isRecord(record)) return record;
  const entries = Object.entries(record).map(([name, entry]) => [name, read(entry, element)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
}

function readNumber(value: unknown): unknown {
  return typeof value === "string" && /^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/.test(value)
    ? Number(value)
    : value;
}

function readBoolean(value: unknown): unknown {
  const word = typeof value === "string" ? value.trim().toLowerCase() : undefined;
  return word === "true" || word === "false" ? word === "true" : value;
}

/** Words of a list of choices in any case, and numbers as text. */
function readText(value: unknown, meta: Record<string, unknown>, schema: z.ZodType): unknown {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return value;
  const offered = schema instanceof z.ZodEnum ? schema.options : meta["enum"];
  if (!Array.isArray(offered)) return value;
  const text = value.trim();
  return offered.find((choice) => String(choice).toLowerCase() === text.toLowerCase()) ?? text;
}

/** What stands in a text as JSON: a variable, or what an expression made of an object. */
function parsedText(value: unknown, opening: "{" | "["): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith(opening)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isBlank(value: unknown): boolean {
  return typeof value === "string" && value.trim() === "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
