import type * as z from "zod";
import { expect } from "vitest";
import type { App } from "./app.ts";
import { connectorError } from "../../src/connector/contracts/schemas.ts";
import { operations } from "../../src/connector/contracts/operations.ts";
import { committed } from "./connector-package.ts";
import type { Answer, Sent } from "./http.ts";
import type { JobRecord, SlotRecord } from "../../src/ports/records.ts";
import { keep } from "./app.ts";
import { storedSlot } from "./slots.ts";
import { Definition } from "./workflow/definition.ts";
import { judgeAnswer } from "./workflow/judge.ts";

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

type Name = keyof App["connector"];

const definition = new Definition(committed("apiDefinition.swagger.json"));

const operationOf = (name: Name) =>
  operations.find(({ operationId }) => operationId.toLowerCase() === name.toLowerCase());

/** Asks one of the connector's operations, and holds whatever it answers against what its definition promises. */
export async function askConnector(app: App, name: Name, sent: Sent): Promise<Answer> {
  const answer = await app.ask(name, sent);
  const operation = definition.operation(operationOf(name)?.operationId ?? name);
  const bytes = Buffer.byteLength(answer.text);
  expect(judgeAnswer(definition, operation, { ...answer, bytes })).toEqual([]);
  const status = String(answer.status);
  const success = operationOf(name)?.successes[status];
  if (!success) {
    const errors: readonly string[] = operationOf(name)?.errors ?? [];
    if (answer.status < 500) expect(errors).toContain(status);
    expectShape(answer.json, connectorError);
    return answer;
  }
  // A trigger that found nothing has nothing to say.
  if (success.schema) expectShape(answer.json, success.schema);
  else if (!success.file) expect(answer.text).toBe("");
  if (success.polled || success.hooked) expect(answer.headers.get("location")).toMatch(/^https:\/\//);
  if (success.polled) {
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
  }
  return answer;
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
