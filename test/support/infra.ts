import { readFile } from "node:fs/promises";
import { readDefects, recordFile } from "../../scripts/infra/defects.ts";
import { readDeployments } from "../../scripts/infra/deployments.ts";
import type { Round } from "../../scripts/infra/plant.ts";
import { readTree } from "../../scripts/infra/tree.ts";

export const tree = await readTree();
export const deployments = await readDeployments();
export const defects = await readDefects();
export const rounds = JSON.parse(await readFile(recordFile, "utf8")) as Round[];
