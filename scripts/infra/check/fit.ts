import { asText, isRecord, Reference, Unknown, type Value } from "../evaluate/values.ts";
import type { Shape } from "../facts/types.ts";

export interface Misfit {
  /** Where in the value, as `properties.siteConfig.cors`. */
  path: string;
  rule: "required" | "unknown-property" | "type" | "allowed";
  message: string;
}

type Among = Extract<Shape, { among: unknown }>;
type Fields = Extract<Shape, { fields: unknown }>;

/** What of a value doesn't fit a shape. What only Azure knows fits everything. */
export function misfits(value: Value, shape: Shape, shapes: Record<string, Shape>, path = ""): Misfit[] {
  if (shape === "any" || value === null || value instanceof Unknown || value instanceof Reference) return [];
  if (typeof shape === "string") {
    const is = Array.isArray(value) ? "a list" : isRecord(value) ? "an object" : `a ${typeof value}`;
    return typeof value === shape ? [] : wrong(path, "type", `must be a ${shape}, and is ${is}`);
  }
  if ("use" in shape) return misfits(value, shapes[shape.use] ?? "any", shapes, path);
  if ("among" in shape) return amongMisfits(value, shape, path);
  if ("list" in shape) {
    if (!Array.isArray(value)) return wrong(path, "type", "must be a list");
    return value.flatMap((item, at) => misfits(item, shape.list, shapes, `${path}[${at}]`));
  }
  if ("either" in shape) {
    const tries = shape.either.map((each) => misfits(value, each, shapes, path));
    return tries.some((found) => found.length === 0) ? [] : (tries[0] ?? []);
  }
  if (!isRecord(value)) return wrong(path, "type", "must be an object");
  if ("by" in shape) {
    const chosen = value[shape.by];
    if (chosen instanceof Unknown) return [];
    const fitting = typeof chosen === "string" ? shape.cases[chosen] : undefined;
    const kinds = Object.keys(shape.cases).join(", ");
    return fitting
      ? misfits(value, fitting, shapes, path)
      : wrong(below(path, shape.by), "allowed", `must be one of ${kinds}`);
  }
  return recordMisfits(value, shape, shapes, path);
}

function amongMisfits(value: Value, { among }: Among, path: string): Misfit[] {
  if (typeof value !== "string" && typeof value !== "number")
    return wrong(path, "type", `must be one of ${among.join(", ")}`);
  // What Azure fills in is not known to be wrong.
  if (among.includes(value) || asText(value).includes("{")) return [];
  return wrong(path, "allowed", `is "${value}", and must be one of ${among.join(", ")}`);
}

function recordMisfits(
  value: { [key: string]: Value },
  { fields, open }: Fields,
  shapes: Record<string, Shape>,
  path: string,
): Misfit[] {
  const missing = Object.keys(fields)
    .filter((name) => name.endsWith("!"))
    .map((name) => name.slice(0, -1))
    .filter((name) => value[name] === undefined)
    .flatMap((name) => wrong(below(path, name), "required", "is required, and not given"));
  const given = Object.entries(value).flatMap(([name, inner]) => {
    const here = below(path, name);
    const field = fields[name] ?? fields[`${name}!`];
    if (field) return misfits(inner, field, shapes, here);
    return open ? [] : wrong(here, "unknown-property", `is not known${nearest(name, fields)}`);
  });
  return [...missing, ...given];
}

function nearest(name: string, fields: Record<string, Shape>): string {
  const start = name.slice(0, 4).toLowerCase();
  const near = Object.keys(fields).filter((field) => field.toLowerCase().startsWith(start));
  return near.length > 0 ? `; there is ${near.map((field) => field.replace("!", "")).join(", ")}` : "";
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function wrong(path: string, rule: Misfit["rule"], message: string): Misfit[] {
  return [{ path, rule, message }];
}
