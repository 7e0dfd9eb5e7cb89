import type { TypedData } from "../core-types.ts";
import type { LoadedFunction } from "../functions.ts";
import type { Invoker } from "../invoker.ts";
import { readOrchestrator } from "./actions.ts";
import type { DurableFunctions, FunctionKind } from "./functions.ts";
import { missingFunction } from "./functions.ts";
import { json } from "./shim.ts";

/** The engine's functions, run by the worker like any other call. */
export function workerFunctions(
  functions: readonly LoadedFunction[],
  invoker: () => Invoker,
): DurableFunctions {
  const tables: Record<FunctionKind, Map<string, LoadedFunction>> = {
    orchestrator: byLowerName(functions, "orchestrationtrigger"),
    activity: byLowerName(functions, "activitytrigger"),
  };
  const lookUp = (kind: FunctionKind, name: string): LoadedFunction => {
    const found = tables[kind].get(name.toLowerCase());
    if (!found) throw missingFunction(durable, kind, name);
    return found;
  };
  const reason = "(null)";
  const durable: DurableFunctions = {
    find: (kind, name) => tables[kind].get(name.toLowerCase())?.name,
    names: (kind) => [...tables[kind].values()].map(({ name }) => name),
    orchestrate: (name, trigger) =>
      readOrchestrator(async () => {
        const target = lookUp("orchestrator", name);
        const data = { string: JSON.stringify(trigger) };
        const { response } = await invoker().invoke(target, { data, reason });
        return fromTypedData(response.returnValue);
      }),
    async act(name, { instanceId, input, trace }) {
      const target = lookUp("activity", name);
      // An empty message, and not the text "null", is what a function reads as undefined.
      const data: TypedData = input === null ? {} : { string: input };
      const metadata = { instanceId: { string: instanceId }, data };
      const { response } = await invoker().invoke(target, { data, metadata, reason, traceParent: trace });
      return json(fromTypedData(response.returnValue));
    },
  };
  return durable;
}

function byLowerName(functions: readonly LoadedFunction[], kind: string): Map<string, LoadedFunction> {
  return new Map(
    functions.filter((each) => each.kind === kind).map((each) => [each.name.toLowerCase(), each]),
  );
}

/** What the host makes of a returned value (HOST GrpcMessageConversionExtensions.cs `ToObject`). */
function fromTypedData(data: TypedData | null | undefined): unknown {
  if (data?.json !== undefined) return JSON.parse(data.json) as unknown;
  if (data?.bytes !== undefined) return Buffer.from(data.bytes).toString("base64");
  return data?.string ?? data?.int ?? data?.double;
}
