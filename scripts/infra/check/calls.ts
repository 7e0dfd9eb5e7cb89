import type { BicepFile, Decorator, TypeExpression } from "../bicep/syntax.ts";
import type { Deployed, LocalCall } from "../evaluate/world.ts";
import type { Facts, Shape } from "../facts/types.ts";
import type { Finding } from "./finding.ts";
import { type Misfit, misfits } from "./fit.ts";

/** A call of a local module, held against the parameters that the module declares. */
export function checkLocalCall(
  { caller, line, callee, given, lines }: LocalCall,
  fileOf: (from: string, relative: string) => BicepFile | undefined,
): Finding[] {
  const parameters = callee.parameters.map(
    ({ name, type, value, decorators }) =>
      [
        value || type.kind === "nullable" ? name : `${name}!`,
        withDecorators(shapeOf(type, callee, fileOf), decorators),
      ] as const,
  );
  const found = misfits(given, { fields: Object.fromEntries(parameters) }, {});
  return found.map((misfit) => told("call", caller, line, lines, misfit));
}

/** A call of a published module, held against what was distilled of the version that is pinned. */
export function checkPublishedCall(call: Deployed, facts: Facts): Finding[] {
  // A version that isn't one is for the policy rules to refuse.
  if (!/^\d+\.\d+\.\d+$/.test(call.version)) return [];
  const known = facts.modules[`${call.type}:${call.version}`];
  if (!known) return [missingFacts(call, `${call.type}:${call.version}`)];
  const found = misfits(call.body, known.parameters, known.shapes);
  return found.map((misfit) => told("module", call.file, call.line, call.lines, misfit));
}

/** A resource that is declared without a module, held against its type. */
export function checkResource(resource: Deployed, facts: Facts): Finding[] {
  const address = `${resource.type}@${resource.version}`;
  const known = facts.resources[address];
  if (!known) return [missingFacts(resource, address)];
  if (resource.existing) return [];
  const said = Object.entries(resource.body).filter(
    ([key]) => !["parent", "scope", "dependsOn"].includes(key),
  );
  const found = misfits({ ...Object.fromEntries(said), name: resource.name }, known.body, known.shapes);
  return found.map((misfit) => told("type", resource.file, resource.line, resource.lines, misfit));
}

function missingFacts({ file, line }: Deployed, address: string): Finding {
  const message = `Nothing is known of ${address}: no such version, or scripts/infra/facts/distil.ts has not run since.`;
  return { rule: "facts", file, line, message };
}

function told(
  check: string,
  file: string,
  line: number,
  lines: ReadonlyMap<string, number>,
  { path, rule, message }: Misfit,
): Finding {
  return {
    rule: `${check}:${rule}`,
    file,
    line: lineOf(path, lines) ?? line,
    message: `${path} ${message}.`,
  };
}

/** The line of a property, or of the nearest one around it that stands in the text. */
export function lineOf(path: string, lines: ReadonlyMap<string, number>): number | undefined {
  for (let at = path; at !== ""; at = at.replace(/(\.[^.[]*|\[\d+\]|^[^.[]+)$/, "")) {
    const line = lines.get(at);
    if (line !== undefined) return line;
  }
  return undefined;
}

const primitives: Record<string, Shape> = {
  string: "string",
  int: "number",
  bool: "boolean",
  array: { list: "any" },
  object: { fields: {}, open: true },
};

function shapeOf(
  type: TypeExpression,
  file: BicepFile,
  fileOf: (from: string, relative: string) => BicepFile | undefined,
): Shape {
  const inner = (next: TypeExpression) => shapeOf(next, file, fileOf);
  switch (type.kind) {
    case "any":
      return "any";
    case "literal":
      return typeof type.value === "string" || typeof type.value === "number"
        ? { among: [type.value] }
        : "any";
    case "nullable":
      return inner(type.inner);
    case "array":
      return { list: inner(type.items) };
    case "union": {
      const members = type.members.map(inner);
      const texts = members.flatMap((each) =>
        typeof each === "object" && "among" in each ? each.among : [],
      );
      return texts.length === members.length ? { among: texts } : { either: members };
    }
    case "object": {
      const fields = type.properties.map(
        ({ name, type: field }) => [field.kind === "nullable" ? name : `${name}!`, inner(field)] as const,
      );
      return { fields: Object.fromEntries(fields), ...(type.rest ? { open: true as const } : {}) };
    }
    case "named": {
      const primitive = primitives[type.name];
      if (primitive !== undefined) return primitive;
      const own = file.types.find(({ name }) => name === type.name);
      if (own) return shapeOf(own.type, file, fileOf);
      for (const { names, from } of file.imports) {
        const wanted = names.find(({ as }) => as === type.name)?.name;
        const other = wanted === undefined ? undefined : fileOf(file.path, from);
        const declared = other?.types.find(({ name }) => name === wanted);
        if (other && declared) return shapeOf(declared.type, other, fileOf);
      }
      return "any";
    }
  }
}

function withDecorators(shape: Shape, decorators: Decorator[]): Shape {
  const allowed = decorators.find(({ name }) => name === "allowed")?.arguments[0];
  if (allowed?.kind !== "array") return shape;
  const among = allowed.items.flatMap((item) =>
    item.kind === "literal" && (typeof item.value === "string" || typeof item.value === "number")
      ? [item.value]
      : [],
  );
  return { among };
}
