import { type FaultFacts, factsOf, UpstreamFault } from "../domain/fault.ts";

/** An image's bytes, or why there are none. */
export type Downloaded = { kind: "image"; bytes: Uint8Array } | { kind: "lost"; fault: FaultFacts };

const longestImage = 64 * 1024 * 1024;

/**
 * Fetches one image from the link that the service answered with. The service's key is not sent along: the link is its
 * own credential and may lead to another host. Redirects are not followed: the service's links have none. A link that is
 * gone is a lost image; a broken connection is thrown.
 */
export async function downloadImage(url: string, signal: AbortSignal): Promise<Downloaded> {
  try {
    const response = await fetch(url, { signal, redirect: "manual" });
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      throw new UpstreamFault(`an image's link answered ${response.status}`, { mayBeBilled: true });
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return lost(`The image's link answered ${response.status}.`);
    }
    const bytes = await readCapped(response.body);
    return bytes ? { kind: "image", bytes } : lost("The image is larger than 64 MB.");
  } catch (error) {
    if (error instanceof UpstreamFault) throw error;
    throw new UpstreamFault("an image's download broke", { mayBeBilled: true, cause: error });
  }
}

/** The cap is on bytes that arrive: a declared length may be absent or untrue. */
async function readCapped(body: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > longestImage) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function lost(message: string): Downloaded {
  return { kind: "lost", fault: factsOf("upstreamUnavailable", message) };
}
