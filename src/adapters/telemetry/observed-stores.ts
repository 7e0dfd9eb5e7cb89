import type { InvocationContext } from "@azure/functions";
import { isPartialBlob, isThumbnailBlob } from "../../domain/blob-name.ts";
import type { WebhookReply } from "../../domain/webhook.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { Callbacks, DeliveryRunner, DeliveryStore, Webhooks } from "../../ports/deliveries.ts";
import type { ImageStore } from "../../ports/images.ts";
import type { UploadStore } from "../../ports/inputs.ts";
import { around } from "../../domain/around.ts";
import { attribute } from "./names.ts";
import type { Telemetry } from "./telemetry.ts";

/** Images whose every write is a span, and whose bytes are counted. */
export function observedImages(store: ImageStore, telemetry: Telemetry): ImageStore {
  return around(store, {
    put(name, bytes, facts, signal) {
      const content = contentOf(name);
      const attributes = { [attribute.bytes]: bytes.byteLength };
      return telemetry.span({ name: `store ${content}`, kind: "client", attributes }, async () => {
        const written = await store.put(name, bytes, facts, signal);
        if (written) telemetry.add("darkroom.stored", bytes.byteLength, { [attribute.content]: content });
        return written;
      });
    },
  });
}

function contentOf(blob: string): "image" | "partial" | "thumbnail" {
  if (isPartialBlob(blob)) return "partial";
  return isThumbnailBlob(blob) ? "thumbnail" : "image";
}

/** Uploads, counted as they flow through. */
export function observedUploads(store: UploadStore, telemetry: Telemetry): UploadStore {
  return around(store, {
    write(blob, bytes) {
      let size = 0;
      async function* counted() {
        for await (const chunk of bytes) {
          size += chunk.byteLength;
          yield chunk;
        }
      }
      return telemetry.span({ name: "store upload", kind: "client" }, async (span) => {
        const written = await store.write(blob, counted());
        span.set({ [attribute.bytes]: size });
        if (written) telemetry.add("darkroom.stored", size, { [attribute.content]: "upload" });
        return written;
      });
    },
  });
}

/** Webhooks whose every POST is a span, without a word of where it goes. */
export function observedWebhooks(webhooks: Webhooks, telemetry: Telemetry): Webhooks {
  return around(webhooks, {
    send: (message) => posting(telemetry, "deliver webhook", () => webhooks.send(message)),
  });
}

/** So are callbacks. */
export function observedCallbacks(callbacks: Callbacks, telemetry: Telemetry): Callbacks {
  return around(callbacks, {
    send: (message) => posting(telemetry, "deliver callback", () => callbacks.send(message)),
  });
}

function posting(
  telemetry: Telemetry,
  name: string,
  post: () => Promise<WebhookReply>,
): Promise<WebhookReply> {
  return telemetry.span({ name, kind: "client" }, async (span) => {
    const reply = await post();
    if (reply.kind === "answered") span.set({ "http.response.status_code": reply.status });
    else span.fail("unanswered");
    return reply;
  });
}

/**
 * Rounds of deliveries that know the span which asked for them. The host can't say: it gives an orchestration a trace of its
 * own, which nobody keeps.
 */
export function observedDeliveryRunner(
  runnerOf: (context: InvocationContext) => DeliveryRunner,
  telemetry: Telemetry,
): (context: InvocationContext) => DeliveryRunner {
  return (context) => {
    const runner = runnerOf(context);
    return around(runner, {
      start: (delivery) => runner.start(withoutAbsent({ ...delivery, trace: telemetry.here() })),
    });
  };
}

/** Deliveries, counted by what came of each POST. */
export function observedDeliveries(store: DeliveryStore, telemetry: Telemetry): DeliveryStore {
  return around(store, {
    async record(delivery, attempt) {
      await telemetry.span({ name: "store attempt", kind: "client" }, () => store.record(delivery, attempt));
      const outcome = delivery.status === "pending" ? "again" : delivery.status;
      telemetry.note({ [attribute.outcome]: outcome });
      // What follows the kind is made of an address.
      const [target] = (delivery.target ?? "webhook").split("_");
      telemetry.add("darkroom.deliveries", 1, { [attribute.outcome]: outcome, [attribute.target]: target });
    },
  });
}
