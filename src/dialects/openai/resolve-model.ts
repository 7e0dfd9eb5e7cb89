import { namesOf, type ResolvedDeployment } from "../../domain/deployment.ts";
import { AppError } from "../../domain/app-error.ts";

/** Which kind of name goes first where a deployment is called like another one's model. */
export type NamesFirst = "model" | "deployment";

/** What `model` names in the core's words: a model, or a deployment. Throws `notFound` for what is neither. */
export function resolveModel(
  name: string | undefined,
  offers: readonly ResolvedDeployment[],
  first: NamesFirst,
): { model?: string; deployment?: string } {
  if (name === undefined) return {};
  const names = offers.map(namesOf);
  const isModel = names.some(({ model }) => model === name);
  const isDeployment = names.some(({ deployment }) => deployment === name);
  if (isModel && (first === "model" || !isDeployment)) return { model: name };
  if (isDeployment) return { deployment: name };
  throw noSuchModel(name, offers);
}

export function noSuchModel(name: string, offers: readonly ResolvedDeployment[]): AppError {
  const allowed = modelNames(offers);
  const message = `The model ${JSON.stringify(name.slice(0, 64))} does not exist or is not deployed here. Deployed: ${allowed.join(", ")}.`;
  return new AppError("notFound", message, { violations: [{ param: "model", message, allowed }] });
}

/** Models first, then deployments that are called otherwise. */
export function modelNames(offers: readonly ResolvedDeployment[]): string[] {
  const names = offers.map(namesOf);
  return [...new Set([...names.map(({ model }) => model), ...names.map(({ deployment }) => deployment)])];
}
