import { invalidRequest } from "../domain/app-error.ts";

/**
 * Forms and blob metadata know only text. Numbers, truths, lists and pairs are read from it, and what is none of these
 * stays text, so that the schema refuses it in its own words. An empty field counts as absent, except for the prompt.
 */
export function fromTexts(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const present = Object.entries(fields).filter(([name, text]) => text !== "" || name === "prompt");
  return Object.fromEntries(present.map(([name, text]) => [name, readField(name, text)]));
}

function readField(name: string, text: string): unknown {
  switch (name) {
    case "n":
    case "partial_images":
    case "queue_deadline_seconds":
    case "deadline_seconds":
    case "output_compression":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "mask_invert":
    case "dry_run":
    case "stream":
      return { true: true, false: false }[text] ?? text;
    case "tags":
    case "webhook_events":
      return text.startsWith("[") ? readJson(name, text) : text.split(",").map((tag) => tag.trim());
    case "metadata":
    case "parameters":
      return readJson(name, text);
    default:
      return text;
  }
}

function readJson(param: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest([{ param, message: `${param} is not valid JSON.` }]);
  }
}
