import * as z from "zod";
import { namesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { aliasOffer } from "../domain/model-alias.ts";
import { knownModels, type ModelCapability } from "../domain/model-catalogue.ts";
import type { Settings } from "./settings.ts";

/** One entry of MODEL_ALIASES: what runs, by model or deployment; or that, and the model whose values callers use. */
const aliasSetting = z.union([
  z.string().min(1),
  z.strictObject({ runs: z.string().min(1), as: z.string().min(1) }),
]);

/** Retired names that living deployments stand in for. None unless configured. */
export function readAliases(settings: Settings, offers: readonly ResolvedDeployment[]): ResolvedDeployment[] {
  const listed = settings.json("MODEL_ALIASES", z.record(z.string().min(1).max(64), aliasSetting)) ?? {};
  const entries = Object.entries(listed).map(([name, setting]) =>
    typeof setting === "string" ? { name, runs: setting, as: name } : { name, ...setting },
  );
  const personaOf = (as: string) => knownModels.find(({ model }) => model === as);
  const found = entries.flatMap(({ name, runs, as }) => {
    const target = offers.find((offer) => Object.values(namesOf(offer)).includes(runs));
    if (!target) {
      settings.problem(`MODEL_ALIASES.${name} names neither a deployed model nor a deployment: ${runs}.`);
      return [];
    }
    if (as !== name && !personaOf(as))
      settings.problem(`MODEL_ALIASES.${name}.as is not a model that is known here: ${as}.`);
    // A model that is deployed needs no stand-in, and is never replaced by one.
    if (offers.some((offer) => Object.values(namesOf(offer)).includes(name))) return [];
    return [{ name, target, persona: personaOf(as) }];
  });
  return found.map(({ name, target, persona }) => {
    const personas = found.flatMap((other): ModelCapability[] =>
      other.target === target && other.persona ? [other.persona] : [],
    );
    return aliasOffer(name, persona, target, personas);
  });
}
