import { requireDatedVersion, requireUndatedVersion } from "./api-versions.ts";
import { commission, readyAt, serviceNow } from "./commission.ts";
import { dalleReply } from "./dialects/dalle.ts";
import { gptImageReply } from "./dialects/gpt-image.ts";
import { modelNamed, type Model } from "./models.ts";
import { refusalDialect, refusalReply, type Refused } from "./refusals.ts";
import { checkRequest } from "./request-check.ts";
import { deploymentNotFound, invalidRequest, ServiceError } from "./service-error.ts";
import type { Simulation, Task } from "./simulation.ts";
import type { Reply } from "./wire.ts";

/** The synchronous API: the answer to the request holds the pictures. */
export async function generate(task: Task, simulation: Simulation): Promise<Reply> {
  const model = requireModel(task);
  const request = checkRequest(task.call, model);
  if (task.fault.refuse === "input") return refuse(task, model, "input");
  const pictures = commission(task, model, request);
  await Promise.all([
    simulation.clock.sleepUntil(readyAt(task, model, simulation)),
    ...pictures.map(({ drawn }) => drawn),
  ]);
  // Billed because it was drawn, whoever is still there to receive it and whatever the output filter says.
  task.entry.imagesBilled = pictures.length;
  if (task.fault.refuse === "output") return refuse(task, model, "output");
  const result = { task, model, request, pictures };
  return model.family === "gpt-image" ? gptImageReply(result) : dalleReply(result, simulation);
}

function requireModel({ call, subject }: Task): Model {
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

/** 400 on the wire [Q13]; the seeds show the body without a status, so `status` can make it a 200. */
function refuse(task: Task, model: Model, refused: Refused): Reply {
  const dialect = refusalDialect(task.fault, model.family);
  const prompt = task.subject.prompt ?? "";
  return refusalReply(dialect, refused, prompt, task.fault.status ?? 400, serviceNow(task));
}
