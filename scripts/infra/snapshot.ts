import type { Deployed } from "./evaluate/world.ts";
import { subscriptionScope } from "./evaluate/azure-functions.ts";
import { asJson, type Json } from "./evaluate/values.ts";
import type { Shape } from "./shapes.ts";

export const snapshotFolder = new URL("../../test/fixtures/infra/", import.meta.url);

/** `public-azure-storage.json` of "public, Azure Storage". */
export function snapshotName({ name }: Shape): string {
  return `${name.toLowerCase().replace(/\W+/g, "-")}.json`;
}

/**
 * What a shape comes to, as a list to be read and compared: every resource and every call of a published module, with what
 * is told of it. What only Azure knows stands in braces.
 */
export function snapshotOf(shape: Shape): string {
  const made = shape.deployed.filter(({ existing }) => !existing).map(shown);
  return `${JSON.stringify(made, undefined, 2)}\n`;
}

// The same for all, or told by rules of their own.
const undeployed = ["name", "tags", "location", "enableTelemetry", "scope", "parent"];
/** Workbooks and definitions: their own files are where to read them. */
const longest = 600;

function shown({ type, version, name, path, scope, body }: Deployed): Json {
  const told = Object.entries(body).filter(([key]) => !undeployed.includes(key));
  return short({
    what: `${type.replace("br/public:", "")}@${version}`,
    name,
    by: path,
    on: scope,
    ...Object.fromEntries(told.map(([key, value]) => [key, asJson(value)])),
  });
}

function short(value: Json): Json {
  if (typeof value === "string") {
    const text = value.replaceAll(subscriptionScope, "");
    return text.length > longest ? "{a long text}" : text === "" && value !== "" ? "{subscription}" : text;
  }
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, short(inner)]));
}
