type Absentable<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** T with every property that may be undefined made optional instead. */
export type WithoutAbsent<T> = Omit<T, Absentable<T>> & {
  [K in Absentable<T>]?: Exclude<T[K], undefined>;
};

/** Leaves absent facts out: what Darkroom doesn't know is omitted from records and replies, never null. */
export function withoutAbsent<T extends object>(facts: T): WithoutAbsent<T> {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as WithoutAbsent<T>;
}
