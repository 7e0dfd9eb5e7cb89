import type { JsonObject } from "../json.ts";
import { definitionSchema } from "./definition-schema.ts";
import { compiled, misfits } from "./misfits.ts";
import { propertiesSchema } from "./properties-schema.ts";

const asDefinition = compiled(definitionSchema);
const asProperties = compiled(propertiesSchema);

export const checkDefinitionShape = (definition: JsonObject) =>
  misfits("definition-schema", asDefinition, definition);

export const checkPropertiesShape = (properties: JsonObject) =>
  misfits("properties-schema", asProperties, properties);
