import { existsSync, readFileSync } from "node:fs";
import { modelOf } from "../../infra/bicep/grammar.ts";
import type { BicepFile } from "../../infra/bicep/syntax.ts";
import { SyntaxFault } from "../../infra/bicep/tokens.ts";
import { groupScope } from "../../infra/evaluate/azure-functions.ts";
import { Deployment } from "../../infra/evaluate/deployment.ts";
import { asJson as settled, recordFromJson } from "../../infra/evaluate/values.ts";
import type { World } from "../../infra/evaluate/world.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";

/** A resource as a deployment would send it. */
export interface Resource {
  symbol: string;
  type: string;
  apiVersion: string;
  body: JsonObject;
}

const root = new URL("../../../", import.meta.url);
export const mainTemplate = "infra/connector/main.bicep";
export const workflowTemplate = "infra/connector/workflow.bicep";

/** The connector's templates, as committed or with other texts in their place. */
export class Templates {
  readonly #other: ReadonlyMap<string, string>;

  constructor(other: ReadonlyMap<string, string> = new Map()) {
    this.#other = other;
  }

  file(path: string): BicepFile {
    const model = modelOf(path, this.text(path) ?? "");
    if (model instanceof SyntaxFault) throw model;
    return model;
  }

  text(path: string): string | undefined {
    const url = new URL(path, root);
    return this.#other.get(path) ?? (existsSync(url) ? readFileSync(url, "utf8") : undefined);
  }

  /** Everything that comes of a template with these parameters, that of its modules included. Nothing is passed over. */
  resources(path: string, given: JsonObject): Resource[] {
    const world: World = {
      file: (other) => this.file(other),
      text: (other) => this.text(other),
      report: (_, fault) => {
        throw fault;
      },
      deployed: [],
      outputsOf: () => undefined,
      called: () => undefined,
    };
    new Deployment(world, this.file(path), recordFromJson(given), groupScope("darkroom"), "").run();
    return world.deployed.map(({ path: symbol, type, version, name, body }) => ({
      symbol,
      type,
      apiVersion: version,
      body: { name, ...(withoutNothing(settled(body)) as JsonObject) },
    }));
  }
}

/** A property of null is one that isn't sent. */
function withoutNothing(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNothing(inner)]])),
  );
}
