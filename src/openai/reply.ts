import { factsOf, UpstreamFault } from "../domain/fault.ts";
import type { ReplyItem, UpstreamReply } from "../ports.ts";
import { downloadImage } from "./download.ts";
import { safeReason, senselessReply, sortReplyError } from "./faults.ts";
import { refusalOf, refusalOfFilters } from "./refusal.ts";
import { type WireItem, wireReply, type WireUsage } from "./wire.ts";

const mostDownloads = 3;

/** Reads the body of an answered generation. Throws an UpstreamFault when there is no image and no clear reason. */
export async function readReply(body: unknown, prompt: string, signal: AbortSignal): Promise<UpstreamReply> {
  const parsed = wireReply.safeParse(body);
  if (!parsed.success) throw senselessReply("not the JSON of an image reply");
  const { data, error, usage } = parsed.data;
  if (error) return sortReplyError(error, prompt, new Date());
  if (!data || data.length === 0) {
    const refusal = refusalOfFilters(parsed.data);
    if (refusal) return { kind: "refused", fault: refusal };
    throw senselessReply("no images in it");
  }
  const items = await Promise.all(data.map((item) => readPaidItem(item, prompt, signal)));
  const counted = readUsage(usage ?? undefined);
  return counted ? { kind: "images", items, usage: counted } : { kind: "images", items };
}

/**
 * An image of a call that is paid for: a link that fails is tried again here, since failing the call would have all of
 * its images paid for again.
 */
async function readPaidItem(item: WireItem, prompt: string, signal: AbortSignal): Promise<ReplyItem> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readItem(item, prompt, signal);
    } catch (error) {
      if (!(error instanceof UpstreamFault) || signal.aborted) throw error;
      if (attempt === mostDownloads) {
        return {
          kind: "lost",
          fault: factsOf("upstreamUnavailable", `The image could not be fetched: ${error.detail}.`),
        };
      }
    }
  }
}

/** An image of an operation, which can be asked for again at no cost: a link that fails now is left for another time. */
export async function readUnpaidItem(
  item: WireItem,
  prompt: string,
  signal: AbortSignal,
): Promise<ReplyItem> {
  try {
    return await readItem(item, prompt, signal);
  } catch (error) {
    if (error instanceof UpstreamFault) return { kind: "unfetched", error };
    throw error;
  }
}

/** One entry of a reply. Throws an UpstreamFault when its link can't be followed now. */
async function readItem(item: WireItem, prompt: string, signal: AbortSignal): Promise<ReplyItem> {
  if (item.error) {
    const message = `The service made no image: ${safeReason(item.error, prompt)}`;
    return { kind: "lost", fault: refusalOf(item.error) ?? factsOf("upstreamRejected", message) };
  }
  const refusal = item.b64_json || item.url ? undefined : refusalOfFilters(item);
  if (refusal) return { kind: "lost", fault: refusal };
  const found = await readBytes(item, signal);
  return found.kind === "image" && item.revised_prompt
    ? { ...found, revisedPrompt: item.revised_prompt.toWellFormed() }
    : found;
}

async function readBytes({ b64_json, url }: WireItem, signal: AbortSignal): Promise<ReplyItem> {
  if (b64_json) return { kind: "image", bytes: Buffer.from(b64_json, "base64") };
  if (url) return downloadImage(url, signal);
  const message = "The service returned an entry with neither image nor link.";
  return { kind: "lost", fault: factsOf("upstreamUnavailable", message) };
}

function readUsage(usage: WireUsage | undefined) {
  if (usage?.total_tokens === undefined || usage.total_tokens === null) return undefined;
  const input_tokens = Math.round(usage.input_tokens ?? 0);
  const output_tokens = Math.round(usage.output_tokens ?? 0);
  return { input_tokens, output_tokens, total_tokens: Math.round(usage.total_tokens) };
}
