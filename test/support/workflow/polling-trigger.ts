import { isObject, type Json, type JsonObject, objectAt, textAt } from "../../../scripts/connector/json.ts";
import type { Definition, Operation } from "./definition.ts";
import { Course, type Outcome, type WorkflowEngine } from "./engine.ts";
import { buildRequest, type Inputs } from "./requests.ts";

export interface Polled extends Outcome {
  /** What a run is started with, one for each. */
  runs: Json[];
  /** More is waiting: the platform comes again at once. */
  hasMore: boolean;
}

/** A polling trigger of a workflow that is turned on. All it remembers is where its last poll led it. */
export class PollingTrigger {
  readonly #engine: WorkflowEngine;
  readonly #operation: Operation;
  readonly #inputs: Inputs;
  #next: string | undefined;

  constructor(engine: WorkflowEngine, operationId: string, inputs: Inputs = {}) {
    this.#engine = engine;
    this.#operation = engine.connection.definition.operation(operationId);
    this.#inputs = inputs;
    if (textAt(this.#operation.operation, "x-ms-trigger") !== "batch")
      throw new Error(`${operationId} is not polled.`);
  }

  async poll(): Promise<Polled> {
    const { connection } = this.#engine;
    const next = this.#next;
    const course = new Course();
    const reply = await course.try(() =>
      next === undefined
        ? connection.send(buildRequest(connection.definition, this.#operation.operationId, this.#inputs))
        : connection.sendTo(next),
    );
    this.#next = reply.headers.get("location") ?? next;
    return {
      ...course.end(reply),
      runs: reply.status === 200 ? splitOf(connection.definition, this.#operation, reply.json) : [],
      hasMore: reply.headers.get("retry-after") === "0",
    };
  }
}

/** Designers split by the answer itself if it is a list, or else by its one visible list; where there are two, by none. */
export function splitOf(
  definition: Definition,
  { operation, operationId }: Operation,
  body: unknown,
): Json[] {
  const declared = objectAt(objectAt(objectAt(operation, "responses"), "200"), "schema");
  const schema = definition.resolve(declared);
  if (schema["type"] === "array") return Array.isArray(body) ? (body as Json[]) : [];
  const lists = Object.entries(objectAt(schema, "properties")).filter(([, property]) =>
    isVisibleList(definition.resolve(property)),
  );
  const [name, ...others] = lists.map(([listed]) => listed);
  if (name === undefined || others.length > 0) throw new Error(`${operationId} can't be split.`);
  const list = isObject(body) ? body[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isVisibleList(schema: JsonObject): boolean {
  return schema["type"] === "array" && schema["x-ms-visibility"] !== "internal";
}
