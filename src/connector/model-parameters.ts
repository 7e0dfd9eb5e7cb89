import type { ModelParametersReply } from "./contracts/choice-schemas.ts";
import { type ChoiceField, choiceTitles, type ImageTask } from "./contracts/choices.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { ModelCapability } from "../domain/model-catalogue.ts";

type ListedCapability = Pick<
  ModelCapability,
  | "sizes"
  | "qualities"
  | "styles"
  | "backgrounds"
  | "moderations"
  | "outputFormats"
  | "inputFidelities"
  | "edits"
>;

const lists = {
  size: "sizes",
  quality: "qualities",
  style: "styles",
  background: "backgrounds",
  moderation: "moderations",
  outputFormat: "outputFormats",
  inputFidelity: "inputFidelities",
} as const satisfies Record<ChoiceField, keyof ListedCapability>;

/** Deployments that can do a task; without one, all. A name that stands in for another is no choice of its own. */
export function deploymentsFor(
  offers: readonly ResolvedDeployment[],
  task: ImageTask | undefined,
): ResolvedDeployment[] {
  return offers.filter(
    ({ alias, capability }) => !alias && (task !== "edit" || capability.edits !== undefined),
  );
}

/** The choices of each field, in the order of the deployments: what is asked for without one runs on the first that can. */
export function modelParametersOf(offers: readonly ResolvedDeployment[]): ModelParametersReply {
  return Object.fromEntries(
    Object.entries(lists).map(([field, list]) => {
      const values = new Set(offers.flatMap(({ capability }) => capability[list] ?? []));
      return [field, [...values].map((value) => ({ value, title: titleOf(field as ChoiceField, value) }))];
    }),
  ) as ModelParametersReply;
}

/** Choices as the models write them, whatever case a form or a variable has them in. */
export function inModelsWords<T extends Partial<Record<ChoiceField | "deployment", string | undefined>>>(
  asked: T,
  offers: readonly ResolvedDeployment[],
): T {
  const read = { ...asked };
  const names = offers.map(({ deployment }) => deployment.name);
  if (asked.deployment !== undefined) read.deployment = sameAs(asked.deployment, names);
  for (const field of Object.keys(lists) as ChoiceField[]) {
    const value = asked[field];
    const known = offers.flatMap(({ capability }) => capability[lists[field]] ?? []);
    if (value !== undefined) read[field] = sameAs(value, known);
  }
  return read;
}

function sameAs(value: string, known: readonly string[]): string {
  const text = value.trim();
  const isSame = (one: string) => one.toLowerCase() === text.toLowerCase();
  return known.includes(text) ? text : (known.find(isSame) ?? text);
}

function titleOf(field: ChoiceField, value: string): string {
  const titles: Readonly<Record<string, string>> = choiceTitles[field];
  return titles[value] ?? value;
}
