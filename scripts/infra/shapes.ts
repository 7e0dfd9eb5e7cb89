import type { BicepFile } from "./bicep/syntax.ts";
import { groupScope, subscriptionScope } from "./evaluate/azure-functions.ts";
import { Deployment } from "./evaluate/deployment.ts";
import type { Deployed, LocalCall, World } from "./evaluate/world.ts";
import { isRecord, Unknown, type Value } from "./evaluate/values.ts";
import type { Finding } from "./check/finding.ts";
import type { Facts } from "./facts/types.ts";
import { templateIn, type Tree } from "./tree.ts";

export const mainTemplate = "infra/main.bicep";
/** Deployed by the step after deployment, with what main.bicep gives back. */
const subscriptionTemplate = "infra/subscription.bicep";
const parameterFile = "infra/main.parameters.json";

type Given = { [key: string]: Value };

/** The four shapes whose resources are compared with a snapshot. */
export const fourShapes: Record<string, Given> = {
  "public, Azure Storage": { access: "public", durableBackend: "AzureStorage" },
  "public, Durable Task Scheduler": { access: "public", durableBackend: "DurableTaskScheduler" },
  "private, Azure Storage": { access: "private", durableBackend: "AzureStorage" },
  "private, Durable Task Scheduler": { access: "private", durableBackend: "DurableTaskScheduler" },
};

/** With whatever is off by default, so that it is checked as well. */
export const everythingOn: Record<string, Given> = {
  "everything on": {
    access: "private",
    durableBackend: "DurableTaskScheduler",
    deployConnector: true,
    alertEmail: "alerts@example.com",
  },
};

/** One way to deploy the templates, and what comes of it. */
export interface Shape {
  name: string;
  isPrivate: boolean;
  usesScheduler: boolean;
  given: Given;
  deployed: Deployed[];
  outputs: Given;
  calls: LocalCall[];
  faults: Finding[];
}

export function resolveShape(tree: Tree, facts: Facts, name: string, choices: Given): Shape {
  const deployed: Deployed[] = [];
  const calls: LocalCall[] = [];
  const faults: Finding[] = [];
  const world: World = {
    file: (path) => templateIn(tree, path),
    text: (path) => tree.get(path),
    report: (path, { line, rule, message }) => faults.push({ rule, file: path, line, message }),
    deployed,
    outputsOf: (source) => facts.modules[source]?.outputs,
    called: (call) => calls.push(call),
  };
  const outputs: Given = {};
  const main = templateIn(tree, mainTemplate);
  const given: Given = { ...givenByFile(tree, main), ...choices };
  if (main) {
    calls.push({ caller: parameterFile, line: 1, callee: main, given, lines: new Map() });
    const deployment = new Deployment(world, main, given, subscriptionScope, "");
    deployment.run();
    for (const output of main.outputs) outputs[output.name] = deployment.output(output.name) ?? null;
  }
  const after = templateIn(tree, subscriptionTemplate);
  if (after)
    new Deployment(world, after, outputsFor(after, outputs), groupScope("rg-darkroom"), "after/").run();
  const { access, durableBackend } = given;
  return {
    name,
    isPrivate: access === "private",
    usesScheduler: durableBackend === "DurableTaskScheduler",
    given,
    deployed,
    outputs,
    calls,
    faults,
  };
}

/** `${AZURE_ENV_NAME}` and `${DARKROOM_ACCESS=public}`, as azd fills them in and makes them what the template wants. */
function givenByFile(tree: Tree, main: BicepFile | undefined): Given {
  const file = JSON.parse(tree.get(parameterFile) ?? "{}") as {
    parameters?: Record<string, { value: Value }>;
  };
  return Object.fromEntries(
    Object.entries(file.parameters ?? {}).map(([name, { value }]) => {
      const type = main?.parameters.find((parameter) => parameter.name === name)?.type;
      return [name, converted(filledIn(value), type?.kind === "named" ? type.name : "")];
    }),
  );
}

function converted(value: Value, type: string): Value {
  if (type === "int" && typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  return type === "bool" && (value === "true" || value === "false") ? value === "true" : value;
}

const samples: Record<string, string> = { AZURE_ENV_NAME: "darkroom", AZURE_LOCATION: "swedencentral" };

function filledIn(value: Value): Value {
  if (typeof value === "string")
    return value.replace(
      /\$\{(\w+)(?:=([^}]*))?\}/g,
      (_, name: string, usual?: string) => usual ?? samples[name] ?? `{${name}}`,
    );
  if (Array.isArray(value)) return value.map(filledIn);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner)]));
}

/** A parameter that names an output in its description is given that output. */
function outputsFor(file: BicepFile, outputs: Given): Given {
  return Object.fromEntries(
    file.parameters.map(({ name, decorators }) => {
      const text = decorators.find((each) => each.name === "description")?.arguments[0];
      const words = text?.kind === "literal" ? String(text.value) : "";
      const output = /Output (\w+) of main\.bicep/.exec(words)?.[1];
      return [name, output === undefined ? new Unknown(name) : (outputs[output] ?? new Unknown(output))];
    }),
  );
}
