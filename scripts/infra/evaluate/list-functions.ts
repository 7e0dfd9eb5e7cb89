import { asText, isRecord, Lambda, sameValue, type Value } from "./values.ts";
import type { BicepFunction } from "./text-functions.ts";

const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);
const record = (value: Value | undefined): { [key: string]: Value } => (isRecord(value) ? value : {});

function lambda(value: Value | undefined): (...values: Value[]) => Value {
  if (!(value instanceof Lambda)) throw new Error("needs a lambda");
  return (...values) => value.call(values);
}

/** Later ones win; objects within objects are joined as well, which is what tells union from shallowMerge. */
function union(values: Value[]): Value {
  if (values.every(Array.isArray)) {
    return values
      .flatMap((value) => list(value))
      .filter((item, at, all) => all.findIndex((other) => sameValue(other, item)) === at);
  }
  return values.reduce<{ [key: string]: Value }>((joined, value) => {
    for (const [key, inner] of Object.entries(record(value))) {
      const before = joined[key];
      joined[key] = isRecord(before) && isRecord(inner) ? union([before, inner]) : inner;
    }
    return joined;
  }, {});
}

function contains([within, wanted]: Value[]): boolean {
  if (Array.isArray(within)) return within.some((item) => sameValue(item, wanted ?? null));
  if (isRecord(within)) return Object.keys(within).includes(asText(wanted));
  return asText(within).includes(asText(wanted));
}

function isEmpty([value]: Value[]): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === "";
}

function part(value: Value | undefined, from: number, to?: number): Value {
  return Array.isArray(value) ? value.slice(from, to) : asText(value).slice(from, to);
}

function flatten([value]: Value[]): Value[] {
  return list(value).flatMap((item) => (Array.isArray(item) ? item : [item]));
}

function toObject([items, key, value]: Value[]): Value {
  const valueOf = value === undefined ? (item: Value) => item : lambda(value);
  return Object.fromEntries(list(items).map((item) => [asText(lambda(key)(item)), valueOf(item)]));
}

/** Functions of the language over lists and objects. */
export const listFunctions: Record<string, BicepFunction> = {
  array: ([value]) => (Array.isArray(value) ? value : [value ?? null]),
  coalesce: (values) => values.find((value) => value !== null) ?? null,
  concat: (values) => (values.some(Array.isArray) ? values.flatMap(list) : values.map(asText).join("")),
  contains,
  createArray: (values) => values,
  empty: isEmpty,
  filter: ([items, keep]) => list(items).filter((item, at) => lambda(keep)(item, at) === true),
  first: ([value]) => (Array.isArray(value) ? (value[0] ?? null) : asText(value).slice(0, 1)),
  flatten,
  indexFromEnd: ([items, at]) => list(items).at(-Number(at)) ?? null,
  intersection: ([first, ...others]) =>
    list(first).filter((item) => others.every((other) => contains([other, item]))),
  items: ([value]) =>
    Object.entries(record(value))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => ({ key, value: inner })),
  join: ([items, by]) => list(items).map(asText).join(asText(by)),
  last: ([value]) => (Array.isArray(value) ? (value.at(-1) ?? null) : asText(value).slice(-1)),
  length: ([value]) =>
    Array.isArray(value) ? value.length : isRecord(value) ? Object.keys(value).length : asText(value).length,
  map: ([items, change]) => list(items).map((item, at) => lambda(change)(item, at)),
  mapValues: ([value, change]) =>
    Object.fromEntries(Object.entries(record(value)).map(([key, inner]) => [key, lambda(change)(inner)])),
  max: (values) =>
    Math.max(...values.flatMap((value) => (Array.isArray(value) ? value : [value])).map(Number)),
  min: (values) =>
    Math.min(...values.flatMap((value) => (Array.isArray(value) ? value : [value])).map(Number)),
  objectKeys: ([value]) => Object.keys(record(value)).sort(),
  range: ([from, count]) => Array.from({ length: Number(count) }, (_, at) => Number(from) + at),
  reduce: ([items, start, join]) => list(items).reduce((sum, item) => lambda(join)(sum, item), start ?? null),
  shallowMerge: ([items]) => Object.assign({}, ...list(items).map(record)) as Value,
  skip: ([value, count]) => part(value, Number(count)),
  sort: ([items, before]) =>
    [...list(items)].sort((left, right) => (lambda(before)(left, right) === true ? -1 : 1)),
  take: ([value, count]) => part(value, 0, Number(count)),
  toObject,
  union,
};
