import { readFile } from "node:fs/promises";
import type { Facts } from "./types.ts";

export async function readFacts(): Promise<Facts> {
  return JSON.parse(await readFile(new URL("facts.json", import.meta.url), "utf8")) as Facts;
}
