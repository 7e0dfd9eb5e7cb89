import { resolve } from "../../check/walk.ts";
import { type Json, type JsonObject, objectAt, textAt } from "../../json.ts";
import { type Expression, expressionsIn, namedBy } from "../expression.ts";
import { calledBy, failuresOf, type Services, successOf } from "../services.ts";
import { actionsOf, type Step, triggersOf } from "../workflow.ts";
import { reachOf } from "./reach.ts";

/**
 * What an expression may give, as schemas of which one holds; undefined where nothing is known. A schema is kept with the
 * definition that its references lead into.
 */
export type Shapes = { schema: JsonObject; definition: JsonObject }[] | undefined;

export class Meaning {
  readonly #definition: JsonObject;
  readonly #services: Services;
  readonly #actions: Step[];
  /** Told of each field that no shape has. */
  readonly #onStranger: (key: string) => void;

  constructor(
    definition: JsonObject,
    services: Services,
    onStranger: (key: string) => void = () => undefined,
  ) {
    this.#definition = definition;
    this.#services = services;
    this.#actions = actionsOf(definition);
    this.#onStranger = onStranger;
  }

  of(expression: Expression, reader: Step): Shapes {
    if (expression.kind === "literal") return undefined;
    if (expression.kind === "member") return this.#member(expression, reader);
    const [first] = expression.given;
    switch (expression.name) {
      case "body":
        return this.#bodyOf(namedBy(expression), reader);
      case "outputs":
        return this.#outputsOf(namedBy(expression), reader);
      case "triggerBody":
        return this.#triggerBody(reader);
      case "items":
        return this.#itemOf(this.#actions.find(({ name }) => name === namedBy(expression)));
      case "first":
      case "last":
        return first && entriesOf(this.of(first, reader));
      case "coalesce":
        return first && this.of(first, reader);
      case "string": {
        const shapes = first && this.of(first, reader);
        return shapes?.every(({ schema }) => schema["type"] === "string") === true ? shapes : undefined;
      }
      default:
        return undefined;
    }
  }

  #member(expression: Extract<Expression, { kind: "member" }>, reader: Step): Shapes {
    const { key } = expression;
    const whole = this.of(expression.of, reader);
    if (key.kind !== "literal" || whole === undefined) return undefined;
    if (typeof key.value === "number") return entriesOf(whole);
    const name = String(key.value);
    // Files come as an envelope of the engine's own.
    if (name.startsWith("$content") && whole.every(({ schema }) => schema["format"] === "binary"))
      return undefined;
    const found = whole.flatMap(({ schema, definition }) => {
      const properties = objectAt(schema, "properties");
      return name in properties ? [{ schema: resolve(definition, properties[name]), definition }] : [];
    });
    if (found.length > 0) return found;
    if (whole.every(({ schema }) => isClosed(schema))) this.#onStranger(name);
    return undefined;
  }

  #bodyOf(name: string | undefined, reader: Step): Shapes {
    const step = this.#actions.find((one) => one.name === name);
    if (!step) return undefined;
    if (step.type === "Compose") return this.#given(step.node["inputs"], step);
    const called = calledBy(this.#services, step);
    const reach = reachOf(this.#actions, reader, step.name);
    if (!called || reach.kind !== "after") return undefined;
    const mayFail = reach.statuses.some((status) => status !== "Succeeded");
    const schemas = [
      ...(reach.statuses.includes("Succeeded") ? [successOf(called)] : []),
      ...(mayFail ? failuresOf(called) : []),
    ];
    if (schemas.some((schema) => Object.keys(schema).length === 0)) return undefined;
    return schemas.map((schema) => ({ schema, definition: called.definition }));
  }

  #outputsOf(name: string | undefined, reader: Step): Shapes {
    const step = this.#actions.find((one) => one.name === name);
    if (step?.type === "Compose") return this.#given(step.node["inputs"], step);
    const body = this.#bodyOf(name, reader);
    return body?.map(({ schema, definition }) => ({
      schema: { type: "object", properties: { body: schema, headers: {}, statusCode: {} } },
      definition,
    }));
  }

  #triggerBody(reader: Step): Shapes {
    const [trigger] = triggersOf(this.#definition);
    if (trigger?.type === "Request")
      return [{ schema: objectAt(objectAt(trigger.node, "inputs"), "schema"), definition: this.#definition }];
    const called = trigger && calledBy(this.#services, trigger);
    if (!called) return undefined;
    const whole = [{ schema: successOf(called), definition: called.definition }];
    const split = textAt(trigger.node, "splitOn");
    // What splits a trigger's answer still sees the whole of it.
    if (split === undefined || reader.kind === "trigger") return whole;
    const list = /\['(\w+)'\]$/.exec(split)?.[1];
    return entriesOf(
      whole.map(({ schema, definition }) => ({
        schema: list === undefined ? schema : resolve(definition, objectAt(schema, "properties")[list]),
        definition,
      })),
    );
  }

  #itemOf(loop: Step | undefined): Shapes {
    return loop && entriesOf(this.#given(loop.node["foreach"], loop));
  }

  /** What an input gives that is one expression. */
  #given(input: Json | undefined, reader: Step): Shapes {
    if (typeof input !== "string" || !input.startsWith("@") || input.startsWith("@{")) return undefined;
    const [expression] = expressionsIn(input);
    return expression && this.of(expression, reader);
  }
}

function entriesOf(shapes: Shapes): Shapes {
  const entries = shapes?.map(({ schema, definition }) => ({
    schema: resolve(definition, schema["items"]),
    definition,
  }));
  return entries?.every(({ schema }) => Object.keys(schema).length > 0) ? entries : undefined;
}

/** Whether the schema says all that there is: a value of one kind, or an object whose fields are named. */
function isClosed(schema: JsonObject): boolean {
  const { type } = schema;
  return type !== undefined && (type !== "object" || Object.keys(objectAt(schema, "properties")).length > 0);
}
