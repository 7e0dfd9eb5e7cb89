import { requireDatedVersion, requireUndatedVersion } from "./api-versions.ts";
import { modelNamed, type Model } from "./models.ts";
import { deploymentNotFound, invalidRequest, ServiceError } from "./service-error.ts";
import type { Task } from "./simulation.ts";

/** The model behind a call to the synchronous API, if the address and its version carry it. */
export function requireModel({ call, subject }: Task): Model {
  const model = modelNamed(subject.model ?? "");
  if (call.dialect === "openai") return model ?? modelNotFound(subject.deployment);
  const dated = call.captured.length > 0;
  if (!dated) requireUndatedVersion(call);
  if (model === undefined) throw subject.deployment === undefined ? modelMissing() : deploymentNotFound();
  if (dated) requireDatedVersion(call, model.family);
  return model;
}

function modelNotFound(name = ""): never {
  const detail = { param: "model", type: "invalid_request_error" };
  throw new ServiceError(404, "model_not_found", `The model '${name}' does not exist.`, detail);
}

function modelMissing(): ServiceError {
  return invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
}
