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
  const recent = new Map<string, { bytes: Uint8Array; timer: NodeJS.Timeout }>();
  let held = 0;

  function drop(name: string): void {
    const found = recent.get(name);
    if (!found) return;
    clearTimeout(found.timer);
    held -= found.bytes.byteLength;
    recent.delete(name);
  }

  function remember(name: string, bytes: Uint8Array): void {
    if (bytes.byteLength > maxBytes) return;
    drop(name);
    // It holds the name alone: bytes that had to make room would else stay as long as their timer.
    const timer = setTimeout(() => drop(name), maxAgeMs).unref();
    recent.set(name, { bytes, timer });
    held += bytes.byteLength;
    // A map keeps its order: the oldest come first.
    for (const oldest of recent.keys()) {
      if (held <= maxBytes) break;
      drop(oldest);
    }
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
      const found = part === undefined ? recent.get(name) : undefined;
      return found?.bytes ?? store.read(name, part);
    },
    async remove(name) {
      drop(name);
      await store.remove(name);
    },
  };
}
