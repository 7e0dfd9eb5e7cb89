import { posix } from "node:path";
import type { BicepFile, Expression } from "../bicep/syntax.ts";
import type { EvaluationFault, Value } from "./values.ts";

/** What a deployment comes to: a resource, or a call of a published module. */
export interface Deployed {
  kind: "resource" | "module";
  /** A resource's type, or a published module's address without its version. */
  type: string;
  version: string;
  name: string;
  id: string;
  scope: string;
  /** The symbol in its file, behind those of the modules around it: `app/site`. */
  path: string;
  file: string;
  line: number;
  existing: boolean;
  /** A resource's body, or a module's parameters. */
  body: { [key: string]: Value };
  /** Line of every property that stands in the text of the body, by its path: `properties.siteConfig`. */
  lines: ReadonlyMap<string, number>;
}

/** Where templates come from, and where it goes what is wrong with them. */
export interface World {
  file: (path: string) => BicepFile | undefined;
  text: (path: string) => string | undefined;
  report: (file: string, fault: EvaluationFault) => void;
  deployed: Deployed[];
  /** What a published module gives back; undefined where nothing is known of it. */
  outputsOf: (source: string) => readonly string[] | undefined;
  /** Every call of a local module with what it is given, for the check of calls. */
  called: (call: LocalCall) => void;
}

export interface LocalCall {
  caller: string;
  line: number;
  callee: BicepFile;
  given: { [key: string]: Value };
  lines: ReadonlyMap<string, number>;
}

/** The path of a file that another names. */
export function beside(file: string, relative: string): string {
  return posix.join(posix.dirname(file), relative);
}

/** The line of every property in the text of a body; with `only`, of those within that property. */
export function linesOf(body: Expression, only?: string): Map<string, number> {
  const found = new Map<string, number>();
  const walk = (expression: Expression, path: string) => {
    if (expression.kind === "object") {
      for (const { name, value, line } of expression.properties) {
        if (typeof name !== "string") continue;
        const here = path === "" ? name : `${path}.${name}`;
        found.set(here, line);
        walk(value, here);
      }
    } else if (expression.kind === "array")
      expression.items.forEach((item, at) => walk(item, `${path}[${at}]`));
    else if (expression.kind === "if" || expression.kind === "loop") walk(expression.body, path);
    else if (expression.kind === "choice") {
      walk(expression.then, path);
      walk(expression.otherwise, path);
    }
  };
  if (only === undefined) walk(body, "");
  else if (body.kind === "object") {
    const start = body.properties.find(({ name }) => name === only);
    if (start) walk(start.value, "");
  }
  return found;
}
