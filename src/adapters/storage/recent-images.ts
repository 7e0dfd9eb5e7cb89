import type { ImageStore } from "../../ports/images.ts";

interface Limits {
  maxBytes: number;
  maxAgeMs: number;
}

// A picture is asked for when its job ends, a moment after it was stored; memory is needed for those that are on their way.
const defaultLimits: Limits = { maxBytes: 24 * 2 ** 20, maxAgeMs: 10_000 };

/**
 * What this instance has just stored is read from memory: anyone who waits for a picture here need not wait for storage to
 * hand it back. A blob never changes, and one that another writer was first with is not remembered.
 */
export function recentImages(store: ImageStore, limits: Partial<Limits> = {}): ImageStore {
  const { maxBytes, maxAgeMs } = { ...defaultLimits, ...limits };
  const recent = new Map<string, Uint8Array>();
  let held = 0;

  function drop(name: string): void {
    held -= recent.get(name)?.byteLength ?? 0;
    recent.delete(name);
  }

  function remember(name: string, bytes: Uint8Array): void {
    if (bytes.byteLength > maxBytes) return;
    drop(name);
    recent.set(name, bytes);
    held += bytes.byteLength;
    // A map keeps its order: the oldest come first.
    for (const oldest of recent.keys()) {
      if (held <= maxBytes) break;
      drop(oldest);
    }
    setTimeout(() => recent.get(name) === bytes && drop(name), maxAgeMs).unref();
  }

  return {
    list: async (jobId) => store.list(jobId),
    link: async (name, hours) => store.link(name, hours),
    ping: async () => store.ping(),
    check: async () => store.check(),
    async put(name, bytes, ...rest) {
      const isWritten = await store.put(name, bytes, ...rest);
      if (isWritten) remember(name, bytes);
      return isWritten;
    },
    async read(name, part) {
      const bytes = part === undefined ? recent.get(name) : undefined;
      return bytes ?? store.read(name, part);
    },
    async remove(name) {
      drop(name);
      await store.remove(name);
    },
  };
}
