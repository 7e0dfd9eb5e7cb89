import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import type { QueueConfig } from "../host-config.ts";
import type { Log } from "../log.ts";

/** A message on its way to a function. */
export interface QueueMessage {
  text: string;
  item: DequeuedMessageItem;
}

export interface QueueListenerParts {
  queue: QueueClient;
  /** Where messages go that fail too often; undefined for a poison queue itself. */
  poison: QueueClient | undefined;
  config: QueueConfig;
  /** Seconds a received message stays invisible; renewed while it is worked on. */
  visibilitySeconds: number;
  log: Log;
  /** Throws when the message was not dealt with. */
  handle(message: QueueMessage): Promise<void>;
}

const minPollMs = 100;

/**
 * Reads a queue for a function (WJS Queues/Listeners/QueueListener.cs, QueueProcessor.cs): polls ever more slowly
 * while it is empty, deletes what succeeded, gives back what failed and sets aside what fails too often. Returns
 * the function that stops it.
 */
export function startQueueListener(parts: QueueListenerParts): () => Promise<void> {
  const { queue, config, log } = parts;
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();

  const receive = async (): Promise<number> => {
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: Math.min(config.batchSize, 32),
      visibilityTimeout: parts.visibilitySeconds,
    });
    for (const item of receivedMessageItems) {
      const work: Promise<void> = processMessage(parts, item)
        .catch((error: unknown) => warn(log, `Message ${item.messageId} of '${queue.name}'`, error))
        .finally(() => inFlight.delete(work));
      inFlight.add(work);
    }
    return receivedMessageItems.length;
  };
  const poll = async (): Promise<void> => {
    let delay = minPollMs;
    while (!stopping.signal.aborted) {
      // The next batch is fetched while the last one is still being finished.
      while (inFlight.size > config.newBatchThreshold) await Promise.race(inFlight);
      const received = await receive().catch((error: unknown) => {
        warn(log, `Queue '${queue.name}'`, error);
        return 0;
      });
      delay = received > 0 ? minPollMs : Math.min(delay * 2, config.maxPollingInterval);
      if (received === 0) await sleep(delay, stopping.signal);
    }
  };
  const polling = poll();
  return async () => {
    stopping.abort();
    await polling;
    await Promise.all(inFlight);
  };
}

async function processMessage(parts: QueueListenerParts, item: DequeuedMessageItem): Promise<void> {
  const { queue, config } = parts;
  // A host that died while working on it never got to count the failure.
  if (item.dequeueCount > config.maxDequeueCount) {
    await setAside(parts, item, item.popReceipt);
    return;
  }
  const lease = keepInvisible(queue, item, parts.visibilitySeconds);
  let failed = false;
  try {
    await parts.handle({ text: decode(item.messageText, config.messageEncoding), item });
  } catch {
    // Logged where the function was called.
    failed = true;
  }
  const popReceipt = await lease.end();
  if (!failed) await queue.deleteMessage(item.messageId, popReceipt);
  else if (item.dequeueCount >= config.maxDequeueCount) await setAside(parts, item, popReceipt);
  else {
    const seconds = Math.round(config.visibilityTimeout / 1000);
    await queue.updateMessage(item.messageId, popReceipt, undefined, seconds);
  }
}

async function setAside(
  parts: QueueListenerParts,
  item: DequeuedMessageItem,
  popReceipt: string,
): Promise<void> {
  const { queue, poison, config, log } = parts;
  if (poison) {
    const text = `Message has reached MaxDequeueCount of ${config.maxDequeueCount}. Moving message to queue '${poison.name}'.`;
    log("warning", "Host.Queues", text);
    await poison.createIfNotExists();
    await poison.sendMessage(item.messageText);
  }
  await queue.deleteMessage(item.messageId, popReceipt);
}

/** Renews a message's invisibility at half time. `end` waits for a renewal under way: it changes the receipt. */
function keepInvisible(
  queue: QueueClient,
  item: DequeuedMessageItem,
  seconds: number,
): { end(): Promise<string> } {
  let popReceipt = item.popReceipt;
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    const renewed = await queue.updateMessage(item.messageId, popReceipt, undefined, seconds);
    popReceipt = renewed.popReceipt ?? popReceipt;
  };
  const timer = setInterval(() => {
    // A renewal that fails lets the message come back early, which at-least-once delivery allows.
    renewing = renewing.then(renew).catch(() => undefined);
  }, seconds * 500);
  return {
    async end() {
      clearInterval(timer);
      await renewing;
      return popReceipt;
    },
  };
}

function decode(text: string, encoding: QueueConfig["messageEncoding"]): string {
  return encoding === "none" ? text : Buffer.from(text, "base64").toString("utf8");
}

function warn(log: Log, what: string, error: unknown): void {
  log("warning", "Host.Queues", `${what}: ${error instanceof Error ? error.message : String(error)}`);
}

/** Waits, but no longer than until the signal. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
