import addFormats from "ajv-formats";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import {
  type FoundOperation,
  operationsOf,
  parametersOf,
  resolve,
} from "../../../scripts/connector/check/walk.ts";
import {
  asJson,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  textAt,
} from "../../../scripts/connector/json.ts";

export interface Operation extends FoundOperation {
  operationId: string;
  parameters: JsonObject[];
}

const documentId = "https://darkroom.example/connector.json";

/** The connector as the one who imports it knows it: this document, and nothing else of the app. */
export class Definition {
  readonly document: JsonObject;
  readonly operations: readonly Operation[];
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  /** By the text of their schemas. */
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: JsonObject) {
    // References that say whose they are can be followed from any part of it.
    this.document = withWholeReferences(document);
    this.operations = operationsOf(document).map((found) => ({
      ...found,
      operationId: found.place,
      parameters: parametersOf(found.operation).map((parameter) => resolve(document, parameter)),
    }));
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(this.document, documentId);
  }

  operation(operationId: string): Operation {
    const found = this.operations.find((operation) => operation.operationId === operationId);
    if (!found) throw new Error(`The definition has no operation ${operationId}.`);
    return found;
  }

  get basePath(): string {
    return textAt(this.document, "basePath") ?? "";
  }

  /** The operation that an address leads to. */
  operationAt(method: string, { pathname }: URL): Operation | undefined {
    if (!pathname.startsWith(`${this.basePath}/`)) return undefined;
    const path = pathname.slice(this.basePath.length);
    return this.operations.find(
      (operation) => operation.method === method.toLowerCase() && patternOf(operation.path).test(path),
    );
  }

  /** How a request proves whose it is: headers and query values, made from the connection's key. */
  credentials(
    { operation }: Operation,
    key: string,
  ): { headers: Record<string, string>; query: Record<string, string> } {
    const wanted =
      "security" in operation ? listAt(operation, "security") : listAt(this.document, "security");
    const [first] = wanted.filter(isObject);
    const schemes = Object.keys(first ?? {}).map((name) =>
      objectAt(objectAt(this.document, "securityDefinitions"), name),
    );
    const named = (place: string) =>
      Object.fromEntries(
        schemes.flatMap((scheme) => (scheme["in"] === place ? [[textAt(scheme, "name") ?? "", key]] : [])),
      );
    return { headers: named("header"), query: named("query") };
  }

  resolve(node: Json | undefined): JsonObject {
    return isObject(node) ? resolve(this.document, withOwnReference(node)) : {};
  }

  /** What a value breaks of a schema: of its rules, and by what the schema doesn't know, which no designer would show. */
  misfits(schema: JsonObject, value: unknown): string[] {
    const text = JSON.stringify(schema);
    const fits = this.#validators.get(text) ?? this.#ajv.compile(withWholeReferences(schema));
    this.#validators.set(text, fits);
    const broken = fits(value) ? [] : (fits.errors ?? []).map(wordsFor);
    return [...broken, ...this.#unknownFields(schema, asJson(value ?? null))];
  }

  #unknownFields(node: JsonObject, value: Json, place = ""): string[] {
    const schema = this.resolve(node);
    if (Array.isArray(value))
      return value.flatMap((item, at) =>
        this.#unknownFields(objectAt(schema, "items"), item, `${place}/${at}`),
      );
    const properties = objectAt(schema, "properties");
    // An object without properties holds whatever another operation tells of it.
    if (!isObject(value) || Object.keys(properties).length === 0) return [];
    return Object.entries(value).flatMap(([name, field]) =>
      name in properties
        ? this.#unknownFields(objectAt(properties, name), field, `${place}/${name}`)
        : [`${place}/${name} is not in the schema`],
    );
  }
}

function patternOf(template: string): RegExp {
  const steps = template
    .split("/")
    .map((step) => (step.startsWith("{") ? "[^/]+" : step.replace(/\W/g, "\\$&")));
  return new RegExp(`^${steps.join("/")}$`);
}

function wordsFor({ instancePath, message }: ErrorObject): string {
  return `${instancePath === "" ? "it" : instancePath} ${message ?? "misfits"}`;
}

function withWholeReferences<T extends Json>(node: T): T {
  return JSON.parse(JSON.stringify(node).replaceAll('"$ref":"#/', `"$ref":"${documentId}#/`)) as T;
}

function withOwnReference(node: JsonObject): JsonObject {
  const reference = textAt(node, "$ref");
  return reference === undefined ? node : { ...node, $ref: reference.replace(documentId, "") };
}
