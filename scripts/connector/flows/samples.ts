import { readFile } from "node:fs/promises";
import type { JsonObject } from "../json.ts";

/** The sample workflows, by the names of their files. */
export const sampleNames = [
  "mail-a-picture",
  "edit-a-new-file",
  "pictures-for-a-list",
  "catch-a-refusal",
  "edit-a-sharepoint-file",
  "approve-a-picture",
  "nightly-batch",
  "edit-a-mail-attachment",
  "catalogue",
] as const;
export type SampleName = (typeof sampleNames)[number];

export const workflowsFolder = new URL("../../../infra/connector/workflows/", import.meta.url);

export async function readSample(name: SampleName): Promise<JsonObject> {
  return JSON.parse(await readFile(new URL(`${name}.json`, workflowsFolder), "utf8")) as JsonObject;
}
