import type { Expression } from "../bicep/syntax.ts";
import {
  asText,
  EvaluationFault,
  isRecord,
  Lambda,
  Reference,
  sameValue,
  Unknown,
  type Value,
} from "./values.ts";

/** What an expression may name or call, and where. */
export interface Names {
  find: (name: string) => Value | undefined;
  call: (name: string, values: Value[], at: Expression) => Value;
}

export function withLocals(names: Names, locals: Record<string, Value>): Names {
  return { ...names, find: (name) => (Object.hasOwn(locals, name) ? locals[name] : names.find(name)) };
}

/** The value of an expression. Throws an EvaluationFault at whatever could not be deployed, or isn't understood. */
export function evaluate(expression: Expression, names: Names): Value {
  const of = (inner: Expression) => evaluate(inner, names);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "text":
      return expression.parts.map((part) => (typeof part === "string" ? part : asText(of(part)))).join("");
    case "name": {
      const value = names.find(expression.name);
      if (value === undefined)
        throw new EvaluationFault(expression, `There is no "${expression.name}" here.`);
      return value;
    }
    case "member":
      return reach(of(expression.object), expression.property, expression.safe, expression);
    case "index":
      return reach(of(expression.object), of(expression.index), expression.safe, expression);
    case "nested": {
      const object = of(expression.object);
      const value = object instanceof Reference ? object.nested(expression.name) : undefined;
      if (value === undefined)
        throw new EvaluationFault(expression, `There is no resource "${expression.name}" within.`);
      return value;
    }
    case "call":
      return call(expression, names);
    case "object":
      return object(expression, names);
    case "array":
      return [...expression.items.map(of), ...expression.spreads.flatMap((inner) => of(inner) as Value[])];
    case "loop":
      return loopRounds(expression, names).map((round) => evaluate(expression.body, round));
    case "if":
      return of(expression.condition) === true ? of(expression.body) : null;
    case "choice": {
      const condition = of(expression.condition);
      if (condition instanceof Unknown) return new Unknown(`${condition.text} ? … : …`);
      return of(condition === true ? expression.then : expression.otherwise);
    }
    case "binary":
      return binary(expression, names);
    case "unary": {
      const operand = of(expression.operand);
      if (operand instanceof Unknown) return operand;
      return expression.operator === "!" ? operand !== true : -Number(operand);
    }
    case "lambda":
      return new Lambda((values) =>
        evaluate(
          expression.body,
          withLocals(
            names,
            Object.fromEntries(expression.parameters.map((name, at) => [name, values[at] ?? null])),
          ),
        ),
      );
  }
}

/** One set of names for every round of a loop. */
export function loopRounds(loop: Expression & { kind: "loop" }, names: Names): Names[] {
  const items = evaluate(loop.over, names);
  if (items instanceof Unknown) return [];
  if (!Array.isArray(items)) throw new EvaluationFault(loop, "A loop needs a list.");
  return items.map((item, at) =>
    withLocals(names, { [loop.item]: item, ...(loop.position === undefined ? {} : { [loop.position]: at }) }),
  );
}

function reach(object: Value, key: Value, safe: boolean, at: Expression): Value {
  if (object instanceof Unknown)
    return new Unknown(typeof key === "number" ? `${object.text}[${key}]` : `${object.text}.${asText(key)}`);
  if (object instanceof Reference) {
    if (object.absent) {
      if (safe) return null;
      throw new EvaluationFault(at, `"${asText(key)}" is asked of what isn't deployed in this shape.`);
    }
    const value = object.reach(asText(key));
    if (value === undefined) throw new EvaluationFault(at, `There is no output "${asText(key)}".`);
    return value;
  }
  if (object === null && safe) return null;
  if (Array.isArray(object) && typeof key === "number") {
    const item = object[key];
    if (item === undefined && !safe) throw new EvaluationFault(at, `The list has no item ${key}.`);
    return item ?? null;
  }
  if (isRecord(object)) {
    const value = object[asText(key)];
    if (value === undefined && !safe)
      throw new EvaluationFault(at, `There is no property "${asText(key)}" here.`);
    return value ?? null;
  }
  throw new EvaluationFault(at, `"${asText(key)}" is asked of something that has no properties.`);
}

function object(expression: Expression & { kind: "object" }, names: Names): Value {
  const spread = expression.spreads.map((inner) => evaluate(inner, names)).filter(isRecord);
  const result: { [key: string]: Value } = Object.assign({}, ...spread) as { [key: string]: Value };
  for (const { name, value } of expression.properties)
    result[typeof name === "string" ? name : asText(evaluate(name, names))] = evaluate(value, names);
  return result;
}

function call(expression: Expression & { kind: "call" }, names: Names): Value {
  const { object: namespace, name } = expression;
  const values = expression.arguments.map((inner) => evaluate(inner, names));
  if (namespace && !(namespace.kind === "name" && ["az", "sys"].includes(namespace.name))) {
    // A method of a resource: listKeys() and its kin. What it answers is for the policy rules to forbid.
    return new Unknown(`${asText(evaluate(namespace, names))}.${name}()`);
  }
  return names.call(name, values, expression);
}

const comparisons: Record<string, (left: Value, right: Value) => Value> = {
  "==": sameValue,
  "!=": (left, right) => !sameValue(left, right),
  "=~": (left, right) => asText(left).toLowerCase() === asText(right).toLowerCase(),
  "!~": (left, right) => asText(left).toLowerCase() !== asText(right).toLowerCase(),
  "<": (left, right) => Number(left) < Number(right),
  "<=": (left, right) => Number(left) <= Number(right),
  ">": (left, right) => Number(left) > Number(right),
  ">=": (left, right) => Number(left) >= Number(right),
  "+": (left, right) => Number(left) + Number(right),
  "-": (left, right) => Number(left) - Number(right),
  "*": (left, right) => Number(left) * Number(right),
  "/": (left, right) => Math.trunc(Number(left) / Number(right)),
  "%": (left, right) => Number(left) % Number(right),
};

function binary({ operator, left, right, ...at }: Expression & { kind: "binary" }, names: Names): Value {
  const first = evaluate(left, names);
  if (operator === "&&")
    return first === true ? evaluate(right, names) : first instanceof Unknown ? first : false;
  if (operator === "||") return first === true ? true : evaluate(right, names);
  if (operator === "??") return first ?? evaluate(right, names);
  const second = evaluate(right, names);
  const unknown = [first, second].find((value) => value instanceof Unknown);
  if (unknown) return new Unknown(`${asText(first)} ${operator} ${asText(second)}`);
  const compare = comparisons[operator];
  if (!compare) throw new EvaluationFault(at.line, `The checks know no operator ${operator}.`);
  return compare(first, second);
}
