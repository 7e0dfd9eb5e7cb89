import type { Violation } from "./app-error.ts";

/** The value of a parameter that Darkroom itself knows nothing of. */
export type ParameterValue = string | number | boolean;

/** A further parameter of one model, as its operator describes it. */
export interface ParameterRule {
  type: "string" | "number" | "integer" | "boolean";
  values?: readonly ParameterValue[];
  minimum?: number;
  maximum?: number;
}

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Which of the given parameters the model doesn't have, or not with this value. */
export function checkParameters(
  given: Parameters = {},
  model: string,
  rules: Readonly<Record<string, ParameterRule>> = {},
): Violation[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const param = `parameters.${name}`;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) {
      const allowed = Object.keys(rules);
      return [{ param, message: `${param} is not a parameter of ${model}; leave it out.`, allowed }];
    }
    const message = `${param} must be ${describe(rule)} for ${model}.`;
    return fits(value, rule) ? [] : [{ param, message, ...(rule.values && { allowed: rule.values }) }];
  });
}

function fits(
  value: ParameterValue,
  { type, values, minimum = -Infinity, maximum = Infinity }: ParameterRule,
) {
  if (values && !values.includes(value)) return false;
  if (type !== "number" && type !== "integer") return typeof value === type;
  return (
    typeof value === "number" &&
    (type === "number" || Number.isInteger(value)) &&
    value >= minimum &&
    value <= maximum
  );
}

function describe({ type, values, minimum, maximum }: ParameterRule): string {
  if (values) return `one of: ${values.join(", ")}`;
  const from = minimum === undefined ? "" : ` from ${minimum}`;
  const to = maximum === undefined ? "" : ` to ${maximum}`;
  return `${type === "integer" ? "an" : "a"} ${type}${from}${to}`;
}
