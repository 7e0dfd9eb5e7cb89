import type { BicepFile } from "../../bicep/syntax.ts";
import { asText, isRecord, type Value } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import type { Tree } from "../../tree.ts";
import { lineOf } from "../calls.ts";
import type { Finding } from "../finding.ts";

/** What a rule looks at. */
export interface Around {
  tree: Tree;
  files: BicepFile[];
  shapes: Shape[];
}

export type Place = Omit<Finding, "rule">;

/** Something that must be so, why, and who says it. A rule has one reason to speak; its defect is in test/contract/infra. */
export interface Rule {
  name: string;
  why: string;
  source: string;
  check: (around: Around) => Place[];
}

const published = "br/public:avm/res/";

/** Calls of a published module in one shape: `calls(shape, "web/site")`. */
export function calls(shape: Shape, module: string): Deployed[] {
  return shape.deployed.filter(({ kind, type }) => kind === "module" && type === `${published}${module}`);
}

/** Resources of a type that one shape makes. */
export function made(shape: Shape, type: string): Deployed[] {
  return shape.deployed.filter((each) => each.kind === "resource" && !each.existing && each.type === type);
}

/** What a rule has against each of the things that `pick` takes of every shape. */
export function eachDeployed(
  { shapes }: Around,
  pick: (shape: Shape) => Deployed[],
  check: (one: Deployed, shape: Shape) => Place[],
): Place[] {
  return shapes.flatMap((shape) => pick(shape).flatMap((one) => check(one, shape)));
}

/** What stands at `siteConfig.cors.allowedOrigins`; undefined where nothing does. */
export function valueAt(body: Value, path: string): Value | undefined {
  return path
    .split(".")
    .reduce<Value | undefined>((value, step) => (isRecord(value) ? value[step] : undefined), body);
}

export function listAt(body: Value, path: string): Value[] {
  const value = valueAt(body, path);
  return Array.isArray(value) ? value : [];
}

export function textAt(body: Value, path: string): string {
  return asText(valueAt(body, path));
}

/** A finding at a property of a deployed thing, or where it is declared if the property isn't there. */
export function at({ file, line, lines }: Deployed, path: string, message: string): Place {
  return { file, line: lineOf(path, lines) ?? line, message };
}

/** The app's settings, by name. */
export function settingsOf(site: Value): Record<string, string> {
  const settings = listAt(site, "configs").find((each) => textAt(each, "name") === "appsettings");
  const properties = settings === undefined ? undefined : valueAt(settings, "properties");
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, value]) => [name, asText(value as Value)]),
  );
}

interface Wanted {
  module: string;
  path: string;
  is: (value: Value | undefined, call: Deployed, shape: Shape) => boolean;
  message: string;
  /** Shapes it is wanted in; all, if nothing is said. */
  when?: (shape: Shape) => boolean;
}

/** Every call of a module gives a parameter a value that will do, and there is such a call. */
export function must({ module, path, is, message, when = () => true }: Wanted): Rule["check"] {
  return ({ shapes }) =>
    shapes.filter(when).flatMap((shape) => {
      const found = calls(shape, module);
      if (found.length === 0) return [missing(`No ${module} is deployed (${shape.name}): ${message}`)];
      return found
        .filter((call) => !is(valueAt(call.body, path), call, shape))
        .map((call) => at(call, path, message));
    });
}

export const missing = (message: string, file = "infra/main.bicep"): Place => ({ file, line: 1, message });
export const equals = (wanted: Value) => (value: Value | undefined) => value === wanted;
export const whenPrivate = (shape: Shape) => shape.isPrivate;
