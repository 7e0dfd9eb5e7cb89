type Absentable<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** T with every property that may be undefined made optional instead. */
export type WithoutAbsent<T> = Omit<T, Absentable<T>> & {
  [K in Absentable<T>]?: Exclude<T[K], undefined>;
};

// Deeper than any request is understood: what lies below is refused by its form, whatever it holds.
const maxDepth = 16;

/**
 * Foreign JSON without its nulls, in objects and lists, at every depth: many clients send null for what they leave out.
 * The value itself may be null.
 */
export function withoutNulls(value: unknown, depth = maxDepth): unknown {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) {
    return value.filter((entry) => entry !== null).map((entry) => withoutNulls(entry, depth - 1));
  }
  const present = Object.entries(value).filter(([, entry]) => entry !== null);
  return Object.fromEntries(present.map(([name, entry]) => [name, withoutNulls(entry, depth - 1)]));
}

/** Leaves absent facts out: what Darkroom doesn't know is omitted from records and replies, never null. */
export function withoutAbsent<T extends object>(facts: T): WithoutAbsent<T> {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as WithoutAbsent<T>;
}
