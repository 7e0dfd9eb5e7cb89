import { timerPayload } from "./timer-listener.ts";
import { startTimers } from "./timers.ts";
import type { TriggerParts, Triggers } from "./trigger-parts.ts";

/** Starts the listeners of all functions that are not called over HTTP. */
export async function startTriggers(parts: TriggerParts): Promise<Triggers> {
  const { functions, invoker, log } = parts;
  for (const { kind, name, metadata } of functions) {
    // Only some triggers heed a retry policy; queues and blobs have their own way of trying again.
    if (metadata.retryOptions && kind !== "timertrigger") {
      log("warning", "Host.Startup", `Function '${name}': the retry policy is ignored for its trigger.`);
    }
  }
  const ofKind = (kind: string) => functions.filter((each) => each.kind === kind);
  const queues = ofKind("queuetrigger");
  const blobs = ofKind("blobtrigger");
  // The storage packages take a while to load, and most test apps never need them.
  const storage = queues.length + blobs.length > 0 ? await import("./storage.ts") : undefined;
  const blobListener = blobs.length > 0 ? await storage?.startBlobs(parts, blobs) : undefined;
  const stops = [
    ...(storage?.startQueues(parts, queues) ?? []),
    ...(blobListener ? [() => blobListener.stop()] : []),
  ];
  const startSingletons = () => [
    ...(blobListener ? [blobListener.startScan()] : []),
    ...startTimers(parts, ofKind("timertrigger")),
  ];
  let singletons: (() => Promise<void>)[] = [];
  // A former holding may still be finishing when the next begins; both are waited for at the end.
  let finishing: Promise<unknown> = Promise.resolve();
  const stopSingletons = (): void => {
    finishing = Promise.all([finishing, ...singletons.map((stop) => stop())]);
    singletons = [];
  };
  return {
    runManually(target, input) {
      const data =
        target.kind === "timertrigger"
          ? { json: JSON.stringify(timerPayload(undefined, false)) }
          : { string: input };
      // The outcome is in the log; anyone who asked was told 202 and nothing more.
      invoker
        .invoke(target, { data, reason: "This function was programmatically called via the host APIs." })
        .catch(() => undefined);
    },
    blobEvents: async (request, query) => (await blobListener?.events(request, query)) ?? { status: 404 },
    setSingleton(held) {
      stopSingletons();
      if (held) singletons = startSingletons();
    },
    async stop() {
      stopSingletons();
      await Promise.all([finishing, ...stops.map((stop) => stop())]);
    },
  };
}
