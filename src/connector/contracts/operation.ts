import * as z from "zod";
import { advanced, shown } from "./words.ts";

export type ErrorStatus =
  | "400"
  | "401"
  | "403"
  | "404"
  | "409"
  | "410"
  | "413"
  | "415"
  | "416"
  | "422"
  | "429"
  | "503";

/**
 * What a status brings besides errors. `polled`: a place to ask again, and when. `hooked`: the place that forgets the
 * callback. `file`: bytes instead of JSON.
 */
export interface Success {
  description: string;
  schema?: z.ZodObject;
  polled?: true;
  hooked?: true;
  file?: true;
}

/** An operation of the connector, in the order that a designer lists them. */
export interface Operation {
  operationId: string;
  method: "get" | "post" | "delete";
  path: string;
  /** Sentence case, without a full stop; a trigger's begins with "When a". */
  summary: string;
  description: string;
  visibility?: "important" | "internal";
  /** `batch` is polled and starts one run for each entry; `single` is told at a callback address, and starts one run each time. */
  trigger?: { kind: "batch" | "single"; hint: string };
  /** What is posted to the callback address of the body. Makes an action one that waits for that, if it is no trigger. */
  notification?: { description: string; schema: z.ZodObject };
  /** Speaks a protocol for agents, whose messages its own SDKs know; designers show no form for it. */
  agentic?: true;
  /** A tool of plugins for Copilot; `confirms` where a person is asked first, since it costs money or ends something. */
  plugin?: { confirms: boolean };
  /** Needs no key: the path itself is the secret. */
  keyless?: true;
  inPath?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: z.ZodObject; required: boolean };
  successes: Record<string, Success>;
  errors: readonly ErrorStatus[];
}

/** A plain id in a path. */
export const id = (summary: string, description: string) =>
  z.string().meta(shown(summary, description, { "x-ms-url-encoding": "single" }));

/** Headers of what may be sent again. */
export const once = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta(
      shown(
        "Idempotency Key",
        "A name of your own for this request: sent again within a day, it makes nothing twice. Left empty, repeats by the same run are known anyway.",
        advanced,
      ),
    ),
});

export const submitErrors = ["400", "401", "403", "413", "415", "422", "429", "503"] as const;
