import type { Simulated } from "./support.ts";

export const streamPath = "/openai/deployments/gpt-image/images/generations?api-version=2025-04-01-preview";

/** 0 to 255: how far the colours of two pictures of one size are apart, on average. */
export function meanDifference(left: Buffer, right: Buffer): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += Math.abs((left[at] ?? 0) - (right[at] ?? 0));
  return sum / left.length;
}

export interface Event {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** A stream as it came: its text, and whether it ended as an answer should. */
export interface Raw {
  readonly status: number;
  readonly type: string | null;
  readonly bytes: Buffer;
  readonly ended: boolean;
}

/** Asks for a stream and reads it as far as it comes; `enough` says when to leave. */
export async function readRaw(
  { url, credentials }: Simulated,
  prompt: string,
  { enough, ...more }: { enough?: (text: string) => boolean; [parameter: string]: unknown } = {},
): Promise<Raw> {
  const body = JSON.stringify({ prompt, stream: true, partial_images: 3, quality: "low", ...more });
  const leave = new AbortController();
  const request = { method: "POST", headers: credentials, body, signal: leave.signal };
  const response = await fetch(new URL(streamPath, url), request);
  const chunks: Buffer[] = [];
  const answer = { status: response.status, type: response.headers.get("content-type") };
  try {
    for await (const chunk of response.body!) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      if (enough?.(Buffer.concat(chunks).toString()) === true) leave.abort();
    }
    return { ...answer, bytes: Buffer.concat(chunks), ended: true };
  } catch {
    return { ...answer, bytes: Buffer.concat(chunks), ended: false };
  }
}

/** Whole events only; a last one that was cut off is none. */
export function eventsIn({ bytes }: Raw, end = "\n"): Event[] {
  const blocks = bytes
    .toString()
    .split(end + end)
    .slice(0, -1);
  return blocks
    .filter((block) => !block.startsWith(":"))
    .map((block) => {
      const [name, data, ...rest] = block.split(end);
      if (rest.length > 0) throw new Error(`an event of ${rest.length + 2} lines`);
      return {
        name: name!.replace("event: ", ""),
        data: JSON.parse(data!.replace("data: ", "")) as Record<string, unknown>,
      };
    });
}

export function namesIn(raw: Raw, end?: string): string[] {
  return eventsIn(raw, end).map(({ name }) => name.replace("image_generation.", ""));
}

/** Small pictures, where only their number and order matter. */
export const tiny = "[[image-size=16x16]]";
