import type * as z from "zod";
import { expect } from "vitest";
import type { App } from "./app.ts";
import type { Answer } from "./http.ts";
import type { JobRecord, SlotRecord } from "../../src/records.ts";
import { keep } from "./app.ts";
import { storedSlot } from "./slots.ts";

export const json = { "content-type": "application/json" };
export const anonymous = { "x-caller": "" };
export const generations = "/api/connector/images/generations";

/** What an engine sends of a run with each try of an action; only the request's own id is new each time. */
export function runHeaders(run: string, action = "Generate_image", turn = "turn-1"): Record<string, string> {
  return {
    "x-ms-workflow-run-id": run,
    "x-ms-workflow-operation-name": action,
    "x-ms-action-tracking-id": turn,
    "x-ms-client-request-id": crypto.randomUUID(),
  };
}

/** Fits the schema, and holds nothing that the schema doesn't know: a designer shows no more than that. */
export function expectShape<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.parse(value);
  expect(parsed).toEqual(value);
  return parsed;
}

/** The path and query of where an answer sends its reader. */
export function locationOf({ headers }: Answer): string {
  const { pathname, search } = new URL(headers.get("location") ?? "");
  return pathname + search;
}

/** A job that has made the given images, whose bytes are in the store. */
export async function keepMade(
  app: App,
  change: Partial<JobRecord> = {},
  contents: readonly string[] = ["pixels"],
): Promise<JobRecord> {
  const finishedAt = app.clock.now().toISOString();
  const slots = contents.map((text, index): SlotRecord & { state: "stored" } => ({
    ...(storedSlot(index) as SlotRecord & { state: "stored" }),
    blob: `${crypto.randomUUID()}/${index}.png`,
    bytes: Buffer.byteLength(text),
  }));
  for (const [index, { blob }] of slots.entries())
    await app.images.put(blob, Buffer.from(contents[index] ?? ""), { contentType: "image/png" });
  return keep(app, { status: "succeeded", createdAt: finishedAt, finishedAt, ...change }, slots);
}
