import { mapValues } from "./distil-modules.ts";
import type { ResourceFacts, Shape } from "./types.ts";

interface TypeReference {
  $ref: string;
}

interface BicepType {
  $type: string;
  name?: string;
  value?: string;
  body?: TypeReference;
  properties?: Record<string, { type: TypeReference; flags: number }>;
  baseProperties?: Record<string, { type: TypeReference; flags: number }>;
  additionalProperties?: TypeReference;
  discriminator?: string;
  elements?: TypeReference[] | Record<string, TypeReference>;
  itemType?: TypeReference;
}

const required = 1;
const readOnly = 2;
/** Deeper than this, anything goes. */
const deepest = 7;

/** Types of resources, from the files that the compiler of Bicep is given. `read` finds the file of a provider's version. */
export class ResourceTypes {
  readonly #read: (provider: string, version: string) => BicepType[][];

  constructor(read: (provider: string, version: string) => BicepType[][]) {
    this.#read = read;
  }

  facts(address: string): ResourceFacts | undefined {
    const found = this.#find(address);
    return found && { body: this.#shape(found.types, found.body, 0), shapes: {} };
  }

  /** What a module's author took from a resource's type: `Microsoft.X/ys@2025-01-01#properties/sku`. */
  derived(source: string, shapes: Record<string, Shape>): Shape {
    const [address = "", path = ""] = source.split("#");
    const found = this.#find(address);
    if (!found) return "any";
    let shape: Shape = this.#shape(found.types, found.body, -2);
    for (const step of path.split("/").filter((_, at) => at % 2 === 1)) shape = inside(shape, step);
    shapes[source] = shape;
    return { use: source };
  }

  #find(address: string): { types: BicepType[]; body: TypeReference } | undefined {
    const [type = "", version = ""] = address.split("@");
    for (const types of this.#read(type.split("/")[0] ?? "", version)) {
      const resource = types.find(
        ({ $type, name }) => $type === "ResourceType" && name?.toLowerCase() === address.toLowerCase(),
      );
      if (resource?.body) return { types, body: resource.body };
    }
    return undefined;
  }

  #shape(types: BicepType[], reference: TypeReference, depth: number): Shape {
    const type = types[Number(reference.$ref.slice(2))];
    if (!type || depth > deepest) return "any";
    const inner = (next: TypeReference) => this.#shape(types, next, depth + 1);
    switch (type.$type) {
      case "StringType":
        return "string";
      case "IntegerType":
        return "number";
      case "BooleanType":
        return "boolean";
      case "StringLiteralType":
        return { among: [type.value ?? ""] };
      case "ArrayType":
        return { list: type.itemType ? inner(type.itemType) : "any" };
      case "UnionType":
        return joined((type.elements as TypeReference[]).map(inner));
      case "ObjectType":
        return this.#object(type, inner);
      case "DiscriminatedObjectType": {
        const base = writable(type.baseProperties ?? {}, inner);
        const cases = mapValues(type.elements as Record<string, TypeReference>, inner);
        return { by: type.discriminator ?? "", cases: mapValues(cases, (shape) => withFields(shape, base)) };
      }
      default:
        return "any";
    }
  }

  #object(type: BicepType, inner: (next: TypeReference) => Shape): Shape {
    const fields = writable(type.properties ?? {}, inner);
    if (Object.keys(fields).length === 0) return "any";
    return type.additionalProperties ? { fields, open: true } : { fields };
  }
}

/** Fields that a template may set; those that only Azure sets are left out, so setting one is a finding. */
function writable(
  properties: NonNullable<BicepType["properties"]>,
  inner: (next: TypeReference) => Shape,
): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, { flags }]) => (flags & readOnly) === 0 && name !== "asserts")
      .map(([name, { type, flags }]) => [(flags & required) === 0 ? name : `${name}!`, inner(type)]),
  );
}

function withFields(shape: Shape, base: Record<string, Shape>): Shape {
  if (typeof shape !== "object" || !("fields" in shape)) return shape;
  return { ...shape, fields: { ...base, ...shape.fields } };
}

function joined(members: Shape[]): Shape {
  const texts = members.flatMap((each) => (typeof each === "object" && "among" in each ? each.among : []));
  const others = members.filter((each) => !(typeof each === "object" && "among" in each));
  if (others.length === 0) return { among: texts };
  // Azure takes other texts as well, of days to come; here one that isn't known is a misspelt one.
  if (others.every((each) => each === "string")) return texts.length > 0 ? { among: texts } : "string";
  return texts.length > 0 ? "any" : others.length === 1 && others[0] ? others[0] : { either: others };
}

function inside(shape: Shape, step: string): Shape {
  if (typeof shape !== "object") return "any";
  if ("list" in shape) return shape.list;
  if ("fields" in shape) return shape.fields[step] ?? shape.fields[`${step}!`] ?? "any";
  return "any";
}
