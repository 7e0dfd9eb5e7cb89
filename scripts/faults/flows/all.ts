import { editFlows } from "./edits.ts";
import type { Flow } from "./flow.ts";
import { generationFlows } from "./generations.ts";

export const flows: readonly Flow[] = [...generationFlows, ...editFlows];

export function flowNamed(name: string): Flow {
  const flow = flows.find((candidate) => candidate.name === name);
  if (!flow) throw new RangeError(`There is no flow ${name}.`);
  return flow;
}
