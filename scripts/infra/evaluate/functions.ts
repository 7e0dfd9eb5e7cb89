import type { BicepFile, Expression } from "../bicep/syntax.ts";
import { azureFunctions } from "./azure-functions.ts";
import { evaluate, type Names, withLocals } from "./expressions.ts";
import { listFunctions } from "./list-functions.ts";
import { type BicepFunction, textFunctions } from "./text-functions.ts";
import { asText, EvaluationFault, Unknown, type Value } from "./values.ts";
import { beside, type World } from "./world.ts";

// Fit for what only Azure knows: that stands in their answer as it stands in what they are given.
const tolerant = ["guid", "uniqueString", "format", "concat", "coalesce", "createArray", "array"];

/** The functions that a template may call: the language's, Azure's, its own, and those that read files beside it. */
export function functionsOf(world: World, file: BicepFile, scope: string, names: () => Names): Names["call"] {
  const functions: Record<string, BicepFunction> = {
    ...textFunctions,
    ...listFunctions,
    ...azureFunctions(scope),
  };
  return (name, values, at) => {
    if (["loadTextContent", "loadJsonContent", "loadYamlContent", "loadFileAsBase64"].includes(name))
      return load(world, file.path, name, asText(values[0]), at);
    if (name === "any" || name === "nameof") return values[0] ?? null;
    if (name === "fail") throw new EvaluationFault(at, asText(values[0]));
    if (/^list[A-Z]/.test(name)) return new Unknown(`${name}(${values.map(asText).join(", ")})`);
    if (name === "readEnvironmentVariable") return values[1] ?? new Unknown(asText(values[0]));
    const own = file.functions.find((each) => each.name === name);
    if (own) {
      const locals = own.parameters.map((each, position) => [each.name, values[position] ?? null] as const);
      return evaluate(own.body, withLocals(names(), Object.fromEntries(locals)));
    }
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!known) throw new EvaluationFault(at, `The checks know no function "${name}".`, "function");
    const unknown = values.some((value) => value instanceof Unknown);
    // Azure makes no address that is empty.
    if (unknown && name === "empty") return false;
    if (unknown && !tolerant.includes(name)) return new Unknown(`${name}(${values.map(asText).join(", ")})`);
    try {
      return known(values);
    } catch (fault) {
      if (fault instanceof EvaluationFault || !(fault instanceof Error)) throw fault;
      throw new EvaluationFault(at, `${name}: ${fault.message}.`);
    }
  };
}

function load(world: World, path: string, name: string, relative: string, at: Expression): Value {
  const text = world.text(beside(path, relative));
  if (text === undefined) throw new EvaluationFault(at, `There is no file ${relative}.`, "file");
  if (name === "loadTextContent") return text;
  if (name === "loadFileAsBase64") return Buffer.from(text).toString("base64");
  if (name === "loadYamlContent") return new Unknown(`${name}(${relative})`);
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new EvaluationFault(at, `${relative} is no JSON.`, "file");
  }
}
