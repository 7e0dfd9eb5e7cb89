import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { Placement } from "./compiler.ts";

/** One way to deploy the templates: `infra/shapes/NAME.bicepparam`, and beside it what the compiler predicts of it. */
export interface Shape {
  name: string;
  placement: Placement;
  /** Whether it deploys main.bicep; the others deploy what is deployed on its own as well. */
  isMain: boolean;
  isPrivate: boolean;
  usesScheduler: boolean;
}

const tenant = {
  tenantId: "00000000-0000-0000-0000-000000000001",
  subscriptionId: "00000000-0000-0000-0000-000000000000",
};
const main = (name: string, isPrivate: boolean, usesScheduler: boolean): Shape => ({
  name,
  placement: { ...tenant, location: "swedencentral" },
  isMain: true,
  isPrivate,
  usesScheduler,
});
const alone = (name: string): Shape => ({
  name,
  placement: { ...tenant, resourceGroup: "rg-darkroom" },
  isMain: false,
  isPrivate: false,
  usesScheduler: false,
});

/** In the order in which they are made: the subscription to events is given outputs of the first. */
export const shapes: Shape[] = [
  main("public-azure-storage", false, false),
  main("public-durable-task-scheduler", false, true),
  main("private-azure-storage", true, false),
  main("private-durable-task-scheduler", true, true),
  main("everything", true, true),
  alone("inbox-events"),
  alone("connector-key"),
  alone("connector-entra"),
];

export const parametersOf = (shape: Shape) => `infra/shapes/${shape.name}.bicepparam`;
export const snapshotOf = (shape: Shape) => `infra/shapes/${shape.name}.snapshot.json`;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

const json: z.ZodType<Json> = z.json();
const resource = z.looseObject({
  /** An id, or in brackets the expression that only Azure can work out. */
  id: z.string(),
  type: z.string(),
  name: z.string(),
  apiVersion: z.string(),
  location: z.string().optional(),
  kind: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: json.optional(),
});
const snapshot = z.object({
  predictedResources: z.array(resource),
  outputs: z.record(z.string(), json).default({}),
  diagnostics: z.array(json).default([]),
});

export type Resource = z.infer<typeof resource>;
export type Snapshot = z.infer<typeof snapshot>;

/** A shape with what it deploys. */
export interface Deployment extends Shape, Snapshot {}

export const parseSnapshot = (text: string): Snapshot => snapshot.parse(JSON.parse(text));

export async function readDeployments(): Promise<Deployment[]> {
  return Promise.all(
    shapes.map(async (shape) => ({
      ...shape,
      ...parseSnapshot(await readFile(new URL(`../../${snapshotOf(shape)}`, import.meta.url), "utf8")),
    })),
  );
}
