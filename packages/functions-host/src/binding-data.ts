import type { TypedData } from "./core-types.ts";

/** What an HTTP request is made of, as far as binding data is read from it. */
export interface RequestParts {
  /** Undefined where its length wasn't announced: the real host then doesn't look into it. */
  body: Buffer | undefined;
  query: Readonly<Record<string, string>>;
  params: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
}

/**
 * The trigger metadata of an HTTP call: the top-level fields of a JSON body, the query, the route's values, and then
 * `Query` and `Headers`, unless something of such a name is there already. Names that differ only in case are one, in its
 * first spelling with its last value (azure-webjobs-sdk-extensions, HttpTriggerAttributeBindingProvider.cs
 * `GetRequestBindingDataAsync`, Utility.cs `ApplyBindingData`).
 */
export function bindingData({ body, query, params, headers }: RequestParts): Record<string, TypedData> {
  const data = new Map<string, { name: string; value: TypedData }>();
  const set = (name: string, value: TypedData) => {
    const key = name.toLowerCase();
    data.set(key, { name: data.get(key)?.name ?? name, value });
  };
  for (const [name, value] of bodyFields(body)) set(name, { string: value });
  for (const [name, value] of Object.entries(query)) {
    // The host's own: a function key.
    if (name.toLowerCase() !== "code") set(name, { string: value });
  }
  for (const [name, value] of Object.entries(params)) set(name, { string: value });
  if (!data.has("query")) set("Query", { json: JSON.stringify(query) });
  if (!data.has("headers")) set("Headers", { json: JSON.stringify(headers) });
  return Object.fromEntries([...data.values()].map(({ name, value }) => [name, value]));
}

/** Fields that hold a single value, whatever content type the body has. */
function bodyFields(body: Buffer | undefined): [string, string][] {
  const text = body?.toString("utf8").trim() ?? "";
  if (!text.startsWith("{")) return [];
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // No JSON is no error there either.
    return [];
  }
  return Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "string" || typeof value === "number") return [[name, String(value)]];
    // As .NET writes them.
    if (typeof value === "boolean") return [[name, value ? "True" : "False"]];
    return [];
  });
}
