import { requireDatedVersion, requireUndatedVersion } from "./api-versions.ts";
import { textField } from "./edits/form.ts";
import { modelNamed, type Model } from "./models.ts";
import { deploymentNotFound, invalidRequest, ServiceError } from "./service-error.ts";
import type { Task } from "./simulation.ts";
import { field } from "./wire.ts";

/** The model behind a call to the synchronous API, if the address and its version carry it. */
export function requireModel(task: Task): Model {
  const { call, callText } = task;
  const model = modelNamed(callText.model ?? "");
  if (call.dialect === "openai") return model ?? modelNotFound(callText.deployment);
  const dated = call.captured.length > 0;
  if (!dated) requireUndatedVersion(call);
  if (model === undefined) throw callText.deployment === undefined ? modelMissing() : deploymentNotFound();
  if (dated) {
    requireDatedVersion(call, model.family);
    refuseAnotherModel(task, model);
  }
  return model;
}

/**
 * The address has said which deployment runs, and knows no other name for its model than the model's own: least of all the
 * deployment's (BerriAI/litellm PR 27103; the words: openclaw/openclaw #71526).
 */
function refuseAnotherModel({ call }: Task, { name }: Model): void {
  const named = call.form === undefined ? field(call.json, "model") : textField(call.form, "model");
  if (typeof named !== "string" || named === name) return;
  const detail = { param: "model", type: "image_generation_user_error" };
  throw new ServiceError(400, "invalid_value", `The model '${named}' does not exist.`, detail);
}

function modelNotFound(name = ""): never {
  const detail = { param: "model", type: "invalid_request_error" };
  throw new ServiceError(404, "model_not_found", `The model '${name}' does not exist.`, detail);
}

function modelMissing(): ServiceError {
  return invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
}
