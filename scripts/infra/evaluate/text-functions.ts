import { createHash } from "node:crypto";
import { asText, Unknown, type Value } from "./values.ts";

export type BicepFunction = (values: Value[]) => Value;

const number = (value: Value | undefined) => Number(value ?? 0);

/** Stands for a hash that only Azure can make: as long and of the same letters, the same for the same input. */
function standIn(values: Value[], length: number): string {
  const digest = createHash("sha256").update(values.map(asText).join("-")).digest();
  return Array.from(digest.subarray(0, length), (byte) => "abcdefghijklmnopqrstuvwxyz234567"[byte % 32]).join(
    "",
  );
}

function format([pattern, ...values]: Value[]): string {
  return asText(pattern).replace(/\{(\d+)(?::[^}]*)?\}/g, (_, position: string) =>
    asText(values[Number(position)]),
  );
}

/** Functions of the language over texts and numbers. */
export const textFunctions: Record<string, BicepFunction> = {
  base64: ([value]) => Buffer.from(asText(value)).toString("base64"),
  base64ToString: ([value]) => Buffer.from(asText(value), "base64").toString(),
  bool: ([value]) => asText(value).toLowerCase() === "true",
  endsWith: ([value, end]) => asText(value).toLowerCase().endsWith(asText(end).toLowerCase()),
  format,
  guid: (values) => `guid(${values.map(asText).join(", ")})`,
  indexOf: ([value, part]) => asText(value).toLowerCase().indexOf(asText(part).toLowerCase()),
  int: ([value]) => Math.trunc(number(value)),
  json: ([value]) => JSON.parse(asText(value)) as Value,
  newGuid: () => new Unknown("newGuid()"),
  padLeft: ([value, width, fill]) => asText(value).padStart(number(width), asText(fill ?? " ")),
  replace: ([value, from, to]) => asText(value).replaceAll(asText(from), asText(to)),
  split: ([value, by]) =>
    (Array.isArray(by) ? by : [by]).reduce<string[]>(
      (parts, each) => parts.flatMap((part) => part.split(asText(each))),
      [asText(value)],
    ),
  startsWith: ([value, start]) => asText(value).toLowerCase().startsWith(asText(start).toLowerCase()),
  string: ([value]) => asText(value),
  substring: ([value, from, length]) =>
    asText(value).slice(number(from), length === undefined ? undefined : number(from) + number(length)),
  toLower: ([value]) => asText(value).toLowerCase(),
  toUpper: ([value]) => asText(value).toUpperCase(),
  trim: ([value]) => asText(value).trim(),
  uniqueString: (values) => standIn(values, 13),
  uri: ([base, relative]) => `${asText(base).replace(/\/$/, "")}/${asText(relative)}`,
  uriComponent: ([value]) => encodeURIComponent(asText(value)),
  utcNow: () => new Unknown("utcNow()"),
};
