import * as z from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { webhookEvents } from "../domain/webhook.ts";
import { job } from "./http-api.ts";
import { failing, jobId, json } from "./openapi-parts.ts";

/** Webhooks in replies and in the document. */

const attempt = z
  .object({
    at: z.iso.datetime(),
    duration_ms: z.int(),
    status: z.int().optional().meta({ description: "What the receiver answered; absent when it didn't." }),
    failure: z.string().optional().meta({ description: "Why this wasn't a delivery." }),
  })
  .meta({ id: "DeliveryAttempt" });

const delivery = z
  .object({
    id: z.string().meta({
      description: "The webhook-id of its messages, the same for every try.",
      examples: ["dlv_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"],
    }),
    event: z.enum(webhookEvents),
    status: z.enum(["pending", "delivered", "disabled", "failed"]).meta({
      description: "disabled: the receiver answered 410. failed: every try was in vain.",
    }),
    created_at: z.iso.datetime(),
    next_attempt_at: z.iso.datetime().optional(),
    attempts: z.array(attempt),
  })
  .meta({ id: "Delivery" });
export type Delivery = z.infer<typeof delivery>;

const deliveryList = z
  .object({
    deliveries: z
      .array(delivery)
      .meta({ description: "Empty until the job has ended, or when its webhook wasn't to be told of that." }),
  })
  .meta({ id: "DeliveryList" });
export type DeliveryList = z.infer<typeof deliveryList>;

const redeliveryBody = z
  .object({
    type: z.enum(webhookEvents),
    timestamp: z.iso.datetime().meta({ description: "When the job ended." }),
    truncated: z
      .literal(true)
      .optional()
      .meta({ description: "Things were left out so that the body has at most 4096 bytes; read the job." }),
    data: job
      .omit({ links: true, webhook: true, images: true, partials: true })
      .partial()
      .extend({ images: z.array(z.record(z.string(), z.unknown())).optional() })
      .meta({ description: "The job without its links." }),
  })
  .meta({ id: "WebhookMessage" });

const signature = (description: string) => z.string().meta({ description });

/** What receivers get. */
export const webhookMessages = {
  "job.ended": {
    post: {
      operationId: "jobEnded",
      summary: "A job has ended",
      security: [],
      requestParams: {
        header: z.object({
          "webhook-id": signature("The delivery's id, the same for every try."),
          "webhook-timestamp": signature("Seconds since 1970 when this try was signed."),
          "webhook-signature": signature(
            "Standard Webhooks v1: one signature, or two while a secret is replaced.",
          ),
        }),
      },
      requestBody: { required: true, content: json(redeliveryBody) },
      responses: {
        "2XX": { description: "Taken." },
        "410": { description: "Send no more of this." },
        default: { description: "Not taken, redirects included: tried again, ten times over 24 hours." },
      },
    },
  },
} satisfies ZodOpenApiPathsObject;

export const deliveryPaths = {
  "/api/jobs/{id}/deliveries": {
    get: {
      operationId: "listDeliveries",
      summary: "See how a job's webhook fared",
      requestParams: { path: z.object({ id: jobId }) },
      responses: {
        "200": { description: "Its delivery, with every try.", content: json(deliveryList) },
        ...failing("401", "404"),
      },
    },
  },
  "/api/jobs/{id}/deliveries/{delivery_id}/redeliver": {
    post: {
      operationId: "redeliver",
      summary: "Send a webhook again",
      requestParams: { path: z.object({ id: jobId, delivery_id: z.string() }) },
      responses: {
        "202": {
          description: "Under way: a first try now, and the whole schedule after it.",
          content: json(delivery),
        },
        ...failing("401", "404", "409"),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
