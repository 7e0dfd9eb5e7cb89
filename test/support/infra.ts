import { readFile } from "node:fs/promises";
import { readDefects, recordFile } from "../../scripts/infra/defects.ts";
import { readDeployments } from "../../scripts/infra/deployments.ts";
import type { Recording } from "../../scripts/infra/plant.ts";
import { readTree } from "../../scripts/infra/tree.ts";

export const tree = await readTree();
export const deployments = await readDeployments();
export const defects = await readDefects();
export const { digest, rounds } = JSON.parse(await readFile(recordFile, "utf8")) as Recording;
/** Defects that were noticed in what the compiler predicted. */
export const recorded: ReadonlySet<string> = new Set(rounds.flatMap((round) => round.defects));
