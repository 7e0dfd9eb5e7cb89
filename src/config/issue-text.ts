import type * as z from "zod";

const nouns: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** What is wrong with a part of a setting, to stand behind its name; never its value, which may be a secret. */
export function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("undefined")
        ? " is missing"
        : ` must be ${nouns[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return ` must be one of: ${issue.values.join(", ")}`;
    case "unrecognized_keys":
      return ` has no ${issue.keys.join(", ")}`;
    case "too_small":
      return ` must ${boundOf(issue.origin)} at least ${issue.minimum}`;
    case "too_big":
      return ` must ${boundOf(issue.origin)} at most ${issue.maximum}`;
    default:
      // Of our own rules: sentences already.
      return `: ${issue.message}`;
  }
}

const boundOf = (origin: string): string =>
  ({ string: "have, in characters,", array: "have, in entries,", number: "be", int: "be" })[origin] ?? "be";
