/** A Bicep file as the checks see it. Lines count from 1. */

export interface BicepFile {
  path: string;
  targetScope: string | undefined;
  parameters: Parameter[];
  variables: Variable[];
  types: TypeDeclaration[];
  functions: UserFunction[];
  resources: Resource[];
  modules: Module[];
  outputs: Output[];
  /** Names this file takes from another. */
  imports: { names: { name: string; as: string }[]; all: string | undefined; from: string; line: number }[];
}

export interface Decorator {
  name: string;
  arguments: Expression[];
  line: number;
}

interface Declaration {
  name: string;
  line: number;
  decorators: Decorator[];
}

export interface Parameter extends Declaration {
  type: TypeExpression;
  value: Expression | undefined;
}

export interface Variable extends Declaration {
  value: Expression;
}

export interface TypeDeclaration extends Declaration {
  type: TypeExpression;
}

export interface UserFunction extends Declaration {
  parameters: { name: string; type: TypeExpression }[];
  body: Expression;
}

export interface Output extends Declaration {
  type: TypeExpression;
  value: Expression;
}

/** `body` is an object, maybe within a condition, maybe within a loop. */
export interface Resource extends Declaration {
  type: string;
  apiVersion: string;
  existing: boolean;
  body: Expression;
  /** Resources that are declared within this one's braces. */
  children: Resource[];
}

export interface Module extends Declaration {
  source: string;
  body: Expression;
}

export interface Property {
  name: string | Expression;
  value: Expression;
  line: number;
}

export type Expression = { line: number } & (
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "text"; parts: (string | Expression)[] }
  | { kind: "name"; name: string }
  | { kind: "member"; object: Expression; property: string; safe: boolean }
  | { kind: "index"; object: Expression; index: Expression; safe: boolean }
  | { kind: "nested"; object: Expression; name: string }
  | { kind: "call"; object: Expression | undefined; name: string; arguments: Expression[] }
  | { kind: "object"; properties: Property[]; spreads: Expression[]; resources: Resource[] }
  | { kind: "array"; items: Expression[]; spreads: Expression[] }
  | { kind: "loop"; item: string; position: string | undefined; over: Expression; body: Expression }
  | { kind: "if"; condition: Expression; body: Expression }
  | { kind: "choice"; condition: Expression; then: Expression; otherwise: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "unary"; operator: string; operand: Expression }
  | { kind: "lambda"; parameters: string[]; body: Expression }
);

export interface TypeProperty {
  name: string;
  type: TypeExpression;
  decorators: Decorator[];
}

export type TypeExpression =
  | { kind: "named"; name: string }
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "union"; members: TypeExpression[] }
  | { kind: "array"; items: TypeExpression }
  | { kind: "object"; properties: TypeProperty[]; rest: TypeExpression | undefined }
  | { kind: "nullable"; inner: TypeExpression }
  | { kind: "any" };

/** Every expression within one, itself first. */
export function* within(expression: Expression): Generator<Expression> {
  yield expression;
  for (const part of partsOf(expression)) yield* within(part);
}

function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case "literal":
    case "name":
      return [];
    case "text":
      return expression.parts.filter((part) => typeof part !== "string");
    case "member":
    case "nested":
      return [expression.object];
    case "index":
      return [expression.object, expression.index];
    case "call":
      return [...(expression.object ? [expression.object] : []), ...expression.arguments];
    case "object":
      return [
        ...expression.properties.flatMap(({ name, value }) =>
          typeof name === "string" ? [value] : [name, value],
        ),
        ...expression.spreads,
        ...expression.resources.map(({ body }) => body),
      ];
    case "array":
      return [...expression.items, ...expression.spreads];
    case "loop":
      return [expression.over, expression.body];
    case "if":
      return [expression.condition, expression.body];
    case "choice":
      return [expression.condition, expression.then, expression.otherwise];
    case "binary":
      return [expression.left, expression.right];
    case "unary":
      return [expression.operand];
    case "lambda":
      return [expression.body];
  }
}
