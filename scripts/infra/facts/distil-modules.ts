import type { ResourceTypes } from "./distil-resources.ts";
import type { ModuleFacts, Shape } from "./types.ts";

interface ArmType {
  $ref?: string;
  type?: string;
  properties?: Record<string, ArmType>;
  additionalProperties?: boolean | ArmType;
  items?: ArmType;
  allowedValues?: (string | number)[];
  nullable?: boolean;
  defaultValue?: unknown;
  discriminator?: { propertyName: string; mapping: Record<string, ArmType> };
  metadata?: { "__bicep_resource_derived_type!"?: { source: string } };
}

interface ArmTemplate {
  parameters: Record<string, ArmType>;
  definitions?: Record<string, ArmType>;
  outputs?: Record<string, unknown>;
}

/** Parameters, outputs and named types of a module, from the template it was compiled to. */
export function distilModule(template: ArmTemplate, types: ResourceTypes): ModuleFacts {
  const definitions = template.definitions ?? {};
  const shapes: Record<string, Shape> = {};
  const parameters = record(template.parameters, (type) => !isRequired(type, definitions));
  return { parameters: { fields: parameters }, outputs: Object.keys(template.outputs ?? {}), shapes };

  function record(
    fields: Record<string, ArmType>,
    mayMiss: (type: ArmType) => boolean,
  ): Record<string, Shape> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, type]) => [mayMiss(type) ? name : `${name}!`, shapeOf(type)]),
    );
  }

  function shapeOf(type: ArmType): Shape {
    const derived = type.metadata?.["__bicep_resource_derived_type!"];
    if (derived) return types.derived(derived.source, shapes);
    if (type.$ref !== undefined) return named(type.$ref.replace("#/definitions/", ""));
    if (type.allowedValues) return { among: type.allowedValues };
    if (type.discriminator) {
      const { propertyName: by, mapping } = type.discriminator;
      return { by, cases: mapValues(mapping, shapeOf) };
    }
    if (type.type === "array") return type.items ? { list: shapeOf(type.items) } : { list: "any" };
    if (/^(secure)?object$/i.test(type.type ?? "")) return object(type);
    if (/^(secure)?string$/i.test(type.type ?? "")) return "string";
    return type.type === "int" ? "number" : type.type === "bool" ? "boolean" : "any";
  }

  function named(name: string): Shape {
    if (shapes[name] === undefined) {
      shapes[name] = "any"; // A type may name itself.
      shapes[name] = shapeOf(definitions[name] ?? {});
    }
    return { use: name };
  }

  function object(type: ArmType): Shape {
    const { properties, additionalProperties } = type;
    if (!properties) return "any";
    const fields = record(properties, (field) => isNullable(field, definitions));
    const open = additionalProperties !== undefined && additionalProperties !== false;
    return open ? { fields, open: true } : { fields };
  }
}

function isNullable(type: ArmType, definitions: Record<string, ArmType>): boolean {
  if (type.nullable === true) return true;
  return type.$ref !== undefined && definitions[type.$ref.replace("#/definitions/", "")]?.nullable === true;
}

function isRequired(type: ArmType, definitions: Record<string, ArmType>): boolean {
  return type.defaultValue === undefined && !isNullable(type, definitions);
}

export function mapValues<From, To>(
  record: Record<string, From>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
