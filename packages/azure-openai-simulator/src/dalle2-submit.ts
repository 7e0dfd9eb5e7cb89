import { createHash } from "node:crypto";
import { requireDatedVersion } from "./api-versions.ts";
import { startTask, publish, readyAt } from "./start-task.ts";
import { models } from "./models.ts";
import { destinyOf, type Operation } from "./operations.ts";
import { checkRequest } from "./request-check.ts";
import { ServiceError } from "./service-error.ts";
import type { Simulation, Task } from "./simulation.ts";
import { jsonReply, type Reply } from "./wire.ts";

const model = models["dall-e-2"];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `POST /openai/images/generations:submit` [S0]: 202 now, pictures under an operation later. */
export function submit(task: Task, simulation: Simulation): Reply {
  requireDatedVersion(task.call, "dall-e-2");
  const request = checkRequest(task.call, model);
  const id = operationIdOf(task);
  const fingerprint = createHash("sha256").update(JSON.stringify(task.call.json)).digest("hex");
  const existing = simulation.operations.find(id);
  task.entry.operationId = id;
  if (existing !== undefined) {
    simulation.ledger.endWork(task.entry);
    return replay(existing, fingerprint, task, simulation);
  }
  const pictures = task.fault.refuse === "input" ? [] : startTask(task, model, request);
  const operation: Operation = {
    id,
    fingerprint,
    task,
    request,
    pictures,
    createdAt: task.call.arrivedAt,
    expiresAt: task.call.arrivedAt + simulation.settings.operation_life_seconds * 1000,
    status: task.fault.first_status ?? "notRunning",
    finishedAt: undefined,
    urls: [],
  };
  simulation.operations.put(operation);
  // Closing the simulator abandons what still runs, as a crash of the service would.
  run(operation, simulation).catch(() => undefined);
  return accepted(operation, task, simulation);
}

function operationIdOf({ call }: Task): string {
  const given = call.headers["operation-id"];
  if (given === undefined) return call.id;
  if (typeof given === "string" && uuid.test(given)) return given;
  throw new ServiceError(400, "badRequest", "The Operation-Id header must be a UUID.");
}

/** [A8] the header makes a submit idempotent; a mismatch is a 400. */
function replay(existing: Operation, fingerprint: string, task: Task, simulation: Simulation): Reply {
  if (existing.fingerprint === fingerprint) return accepted(existing, task, simulation);
  const message = "The Operation-Id header was used before with a different request.";
  throw new ServiceError(400, "badRequest", message);
}

function accepted({ id, status }: Operation, { call, fault }: Task, simulation: Simulation): Reply {
  const prefix = fault.operation_path === "dalle" ? "/openai/dalle" : "/openai";
  const location = new URL(`${prefix}/operations/images/${id}`, simulation.url);
  location.search = new URLSearchParams({ "api-version": call.query.get("api-version") ?? "" }).toString();
  if (fault.operation_host !== undefined) location.host = withPort(fault.operation_host, location.port);
  return jsonReply(
    202,
    { id, status },
    {
      "operation-location": location.href,
      "retry-after": String(simulation.settings.retry_after_seconds),
    },
  );
}

function withPort(host: string, port: string): string {
  return host.includes(":") ? host : `${host}:${port}`;
}

/** An operation waits for its turn, then runs; the whole takes the model's latency. */
async function run(operation: Operation, simulation: Simulation): Promise<void> {
  const { task, pictures, createdAt } = operation;
  const { clock, ledger } = simulation;
  const ready = readyAt(task, model, simulation);
  const destiny = destinyOf(task.fault);
  const begin = async (): Promise<void> => {
    await clock.sleepUntil(createdAt + (ready - createdAt) / 4);
    operation.status = destiny.ends ? "running" : destiny.status;
  };
  await Promise.all([begin(), clock.sleepUntil(ready), ...pictures.map(({ drawn }) => drawn)]);
  if (!destiny.ends) return;
  operation.urls = pictures.map((picture) => publish(task, picture, model, simulation));
  task.entry.imagesBilled = task.fault.operation === "failed" ? 0 : pictures.length;
  ledger.endWork(task.entry);
  operation.finishedAt = Date.now();
  operation.status = destiny.status;
}
