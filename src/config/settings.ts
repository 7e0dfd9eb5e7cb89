import type * as z from "zod";
import { issueText } from "./issue-text.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting that is missing or malformed, in one list: nobody should have to restart once for each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Darkroom can't start; ${problems.length} setting(s) to mend:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

/** Reads single settings and collects what is wrong with them. Values are never repeated: they may be secrets. */
export class Settings {
  readonly #environment: Environment;
  readonly #problems: string[] = [];
  readonly #unresolved = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    // What App Service leaves where it could not follow a reference. Taken for a key, anybody could guess it.
    if (value?.startsWith("@Microsoft.KeyVault(") && !this.#unresolved.has(name)) {
      this.#unresolved.add(name);
      this.problem(
        `${name} refers to a secret that could not be had: it is not in the vault, or the app's identity may not read it.`,
      );
    }
    return value === "" ? undefined : value;
  }

  text(
    name: string,
    { minimum, what, orPrefix }: { minimum: number; what: string; orPrefix?: string },
  ): string {
    const value = this.get(name);
    if (this.#unresolved.has(name)) return "";
    const hasParts =
      orPrefix !== undefined &&
      Object.keys(this.#environment).some((key) => key.startsWith(orPrefix) && this.get(key) !== undefined);
    if (value === undefined && !hasParts) this.problem(`${name} is missing: ${what}.`);
    if (value !== undefined && value.length < minimum)
      this.problem(`${name} must have at least ${minimum} characters.`);
    return value ?? "";
  }

  number(
    name: string,
    { usual, minimum, maximum }: { usual: number; minimum: number; maximum: number },
  ): number {
    const text = this.get(name);
    if (text === undefined) return usual;
    const value = Number(text);
    if (value >= minimum && value <= maximum) return value;
    this.problem(`${name} must be a number from ${minimum < 1 ? "above 0" : minimum} to ${maximum}.`);
    return usual;
  }

  boolean(name: string, usual: boolean): boolean {
    const text = this.get(name)?.toLowerCase();
    if (text === undefined) return usual;
    if (text !== "true" && text !== "false") this.problem(`${name} must be true or false.`);
    return text === "true";
  }

  json<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const text = this.get(name);
    if (text === undefined || this.#unresolved.has(name)) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.problem(`${name} is not valid JSON.`);
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      this.problem(`${[name, ...issue.path].join(".")}${issueText(issue)}.`);
    return undefined;
  }

  problem(text: string): void {
    this.#problems.push(text);
  }

  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }
}
