import type { WireUsage } from "../wire.ts";
import type { TokenUsage } from "../../../domain/token-usage.ts";
import { withoutAbsent } from "../../../domain/without-absent.ts";

/** What is read from the JSON of a reply once its pictures are out of it: leniently, no matter who wrote it. */

type Fields = Record<string, unknown>;

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No JSON: it says nothing, and takes nothing away from pictures that came inside it.
    return undefined;
  }
}

/** The images of a reply, where it lists them: `data`, DALL-E 2's `result.data`, or the whole text. */
export function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (!isFields(value)) return undefined;
  const result = isFields(value["result"]) ? value["result"] : {};
  return [value["data"], result["data"], value["images"]].find(
    (list): list is unknown[] => Array.isArray(list) && list.length > 0,
  );
}

/** Where an image of an entry may be had. Links under `b64_json` are known from gateways. */
export function linkOf(entry: unknown): string | undefined {
  for (const { url, b64_json } of layersOf(entry)) {
    if (typeof url === "string" && url.trim() !== "") return url.trim();
    if (typeof b64_json === "string" && /^\s*https?:\/\//i.test(b64_json)) return b64_json.trim();
  }
  return undefined;
}

export function revisedPromptOf(entry: unknown): string | undefined {
  const prompts = layersOf(entry).map(({ revised_prompt }) => revised_prompt);
  const found = prompts.find((prompt) => typeof prompt === "string" && prompt !== "");
  return typeof found === "string" ? found.toWellFormed() : undefined;
}

/** The place of its image that an event names. */
export function indexOf(event: unknown): number | undefined {
  if (!isFields(event)) return undefined;
  const named = [event["index"], event["image_index"], event["output_index"]];
  return named.find((index): index is number => Number.isSafeInteger(index) && Number(index) >= 0);
}

export function usageOf(usage: WireUsage | null | undefined): TokenUsage | undefined {
  if (usage?.total_tokens === undefined || usage.total_tokens === null) return undefined;
  return withoutAbsent({
    input_tokens: Math.round(usage.input_tokens ?? 0),
    output_tokens: Math.round(usage.output_tokens ?? 0),
    total_tokens: Math.round(usage.total_tokens),
    input_tokens_details: detailsOf(usage.input_tokens_details),
    output_tokens_details: detailsOf(usage.output_tokens_details),
  });
}

function detailsOf(details: WireUsage["input_tokens_details"]) {
  if (!details) return undefined;
  const { text_tokens, image_tokens } = details;
  return { text_tokens: Math.round(text_tokens ?? 0), image_tokens: Math.round(image_tokens ?? 0) };
}

/** An entry, and the objects inside it that gateways are known to wrap its image in. */
function layersOf(entry: unknown): Fields[] {
  if (!isFields(entry)) return [];
  return [entry, entry["image"], entry["data"], entry["image_url"], entry["result"]].filter(isFields);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
