/**
 * What is known of a published module's parameters or a resource's body, in as few words as JSON allows. A field's name
 * ends in "!" where it must be given. `open`: other fields are taken as well.
 */
export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "any"
  | { among: (string | number)[] }
  | { list: Shape }
  | { fields: Record<string, Shape>; open?: true }
  | { by: string; cases: Record<string, Shape> }
  | { either: Shape[] }
  | { use: string };

export interface ModuleFacts {
  parameters: Shape;
  outputs: string[];
  /** Shapes that are named by `use`. */
  shapes: Record<string, Shape>;
}

export interface ResourceFacts {
  body: Shape;
  shapes: Record<string, Shape>;
}

/** By address and version: `br/public:avm/res/web/site:0.24.0`, `Microsoft.Web/sites@2024-11-01`. */
export interface Facts {
  modules: Record<string, ModuleFacts>;
  resources: Record<string, ResourceFacts>;
}
