import { createHash } from "node:crypto";
import { asText, Unknown, type Value } from "./values.ts";

export type BicepFunction = (values: Value[]) => Value;

const text = (value: Value | undefined) => asText(value ?? null);
const number = (value: Value | undefined) => Number(value ?? 0);

/** Stands for a hash that only Azure can make: as long and of the same letters, the same for the same input. */
function standIn(values: Value[], length: number): string {
  const digest = createHash("sha256").update(values.map(asText).join("-")).digest();
  return Array.from(digest.subarray(0, length), (byte) => "abcdefghijklmnopqrstuvwxyz234567"[byte % 32]).join(
    "",
  );
}

function format([pattern, ...values]: Value[]): string {
  return text(pattern).replace(/\{(\d+)(?::[^}]*)?\}/g, (_, position: string) =>
    text(values[Number(position)]),
  );
}

/** Functions of the language over texts and numbers. */
export const textFunctions: Record<string, BicepFunction> = {
  base64: ([value]) => Buffer.from(text(value)).toString("base64"),
  base64ToString: ([value]) => Buffer.from(text(value), "base64").toString(),
  bool: ([value]) => text(value).toLowerCase() === "true",
  endsWith: ([value, end]) => text(value).toLowerCase().endsWith(text(end).toLowerCase()),
  format,
  guid: (values) => `guid(${values.map(asText).join(", ")})`,
  indexOf: ([value, part]) => text(value).toLowerCase().indexOf(text(part).toLowerCase()),
  int: ([value]) => Math.trunc(number(value)),
  json: ([value]) => JSON.parse(text(value)) as Value,
  newGuid: () => new Unknown("newGuid()"),
  padLeft: ([value, width, fill]) => text(value).padStart(number(width), text(fill ?? " ")),
  replace: ([value, from, to]) => text(value).replaceAll(text(from), text(to)),
  split: ([value, by]) =>
    text(value).split(Array.isArray(by) ? new RegExp(by.map(asText).join("|")) : text(by)),
  startsWith: ([value, start]) => text(value).toLowerCase().startsWith(text(start).toLowerCase()),
  string: ([value]) => text(value),
  substring: ([value, from, length]) =>
    text(value).slice(number(from), length === undefined ? undefined : number(from) + number(length)),
  toLower: ([value]) => text(value).toLowerCase(),
  toUpper: ([value]) => text(value).toUpperCase(),
  trim: ([value]) => text(value).trim(),
  uniqueString: (values) => standIn(values, 13),
  uri: ([base, relative]) => `${text(base).replace(/\/$/, "")}/${text(relative)}`,
  uriComponent: ([value]) => encodeURIComponent(text(value)),
  utcNow: () => new Unknown("utcNow()"),
};
