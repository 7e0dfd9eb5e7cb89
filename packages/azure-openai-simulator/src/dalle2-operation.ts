import { requireDatedVersion } from "./api-versions.ts";
import { isTerminal, type Operation } from "./operations.ts";
import { refusalDialect, refusalError, seedMessages } from "./refusals.ts";
import { ServiceError } from "./service-error.ts";
import type { Simulation, Task } from "./simulation.ts";
import { jsonReply, unixSeconds, type Reply } from "./wire.ts";

/** `GET /openai/operations/images/{id}` [S0]. */
export function poll(task: Task, simulation: Simulation): Reply {
  const operation = requireOperation(task, simulation);
  task.entry.operationStatus = operation.status;
  if (isTerminal(operation)) return jsonReply(200, resultOf(operation, simulation));
  // [A8] only a poll that must come again says when.
  const headers = { "retry-after": String(simulation.settings.retry_after_seconds) };
  return jsonReply(200, { id: operation.id, status: operation.status }, headers);
}

/** `DELETE` on the same address [A8]: 204, and only once nothing runs any more. */
export function remove(task: Task, simulation: Simulation): Reply {
  const operation = requireOperation(task, simulation);
  if (!isTerminal(operation)) {
    const message = "The operation is still running; it can be deleted in a terminal state only.";
    throw new ServiceError(409, "operationNotInTerminalState", message);
  }
  simulation.operations.remove(operation.id);
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

function requireOperation({ call, entry }: Task, { operations }: Simulation): Operation {
  requireDatedVersion(call, "dall-e-2");
  const operation = operations.find(call.captured[0]);
  if (operation === undefined) throw new ServiceError(404, "notFound", "The operation does not exist.");
  entry.operationId = operation.id;
  return operation;
}

function resultOf(operation: Operation, { settings }: Simulation): unknown {
  const { id, status, task, urls } = operation;
  const shift = (task.fault.clock ?? 0) * 1000;
  const created = unixSeconds(operation.createdAt + shift);
  if (status === "failed") return { created, error: failureOf(operation), id, status };
  const expires = unixSeconds(operation.expiresAt + shift);
  const refused = task.fault.refuse_slots ?? [];
  const data = urls.map((url, index) =>
    refused.includes(index) ? { error: { code: "contentFilter", message: seedMessages.output } } : { url },
  );
  // [S0] both shapes are on record; only B is shown with images and errors mixed.
  const shape = task.fault.shape ?? (refused.length > 0 ? "B" : settings.result_shape);
  if (shape === "A") return { created, expires, id, result: { created, data }, status };
  const lastActionDateTime = unixSeconds((operation.finishedAt ?? operation.createdAt) + shift);
  return { created, expires, id, lastActionDateTime, data, status };
}

function failureOf({ task }: Operation): unknown {
  const { fault, callText } = task;
  if (fault.refuse !== undefined) {
    return refusalError(refusalDialect(fault, "dall-e-2"), fault.refuse, callText.prompt ?? "");
  }
  const message = fault.message ?? "The operation failed because of an internal error.";
  return { code: fault.code ?? "internal", message };
}
