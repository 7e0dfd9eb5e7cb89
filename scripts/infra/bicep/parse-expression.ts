import type { Reader } from "./reader.ts";
import type { Expression, Property, Resource } from "./syntax.ts";

/** Weakest first; operators of one row bind alike, and to the left. */
const operators = [
  ["??"],
  ["||"],
  ["&&"],
  ["==", "!=", "=~", "!~"],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Given by parse.ts: within an object, `resource name 'type' = {…}` declares a child. */
export type ResourceParser = (reader: Reader) => Resource;

export class ExpressionParser {
  readonly #reader: Reader;
  readonly #resource: ResourceParser;

  constructor(reader: Reader, resource: ResourceParser) {
    this.#reader = reader;
    this.#resource = resource;
  }

  expression(): Expression {
    const reader = this.#reader;
    const line = reader.line;
    const condition = this.#binary(0);
    if (!reader.takeBelow("?")) return condition;
    reader.skipLines();
    const then = this.expression();
    if (!reader.takeBelow(":")) throw reader.fault("Expected :");
    reader.skipLines();
    return { kind: "choice", condition, then, otherwise: this.expression(), line };
  }

  /** What stands behind the `=` of a resource or module: an object, a condition, or a loop over either. */
  body(): Expression {
    const reader = this.#reader;
    const line = reader.line;
    if (reader.take("if")) {
      reader.expect("(");
      reader.skipLines();
      const condition = this.expression();
      reader.skipLines();
      reader.expect(")");
      reader.skipLines();
      return { kind: "if", condition, body: this.object(), line };
    }
    return reader.is("[") ? this.#array() : this.object();
  }

  object(): Expression {
    const reader = this.#reader;
    const line = reader.line;
    reader.expect("{");
    reader.skipLines();
    const properties: Property[] = [];
    const spreads: Expression[] = [];
    const resources: Resource[] = [];
    while (!reader.take("}")) {
      const startsResource = reader.is("@") || (reader.is("resource") && reader.peek(1).kind === "name");
      if (startsResource) resources.push(this.#resource(reader));
      else if (reader.take("...")) spreads.push(this.expression());
      else properties.push(this.#property());
      reader.endItem("}");
    }
    return { kind: "object", properties, spreads, resources, line };
  }

  #property(): Property {
    const reader = this.#reader;
    const line = reader.line;
    const { kind } = reader.peek();
    const name =
      kind === "name" || kind === "text" ? reader.next().text : kind === "head" ? this.#text() : undefined;
    if (name === undefined) throw reader.fault("Expected a property");
    reader.expect(":");
    reader.skipLines();
    return { name, value: this.expression(), line };
  }

  #binary(level: number): Expression {
    const row = operators[level];
    if (!row) return this.#unary();
    const reader = this.#reader;
    const { line } = reader;
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = row.find((sign) => reader.take(sign));
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.#binary(level + 1), line };
    }
  }

  #unary(): Expression {
    const reader = this.#reader;
    const { line } = reader;
    for (const operator of ["!", "-"]) {
      if (reader.take(operator)) return { kind: "unary", operator, operand: this.#unary(), line };
    }
    return this.#suffixes(this.#primary());
  }

  #suffixes(start: Expression): Expression {
    const reader = this.#reader;
    let object = start;
    for (;;) {
      const { line } = reader;
      if (reader.take("!")) continue; // "I know it is there" changes nothing of the value.
      const safe = reader.is(".?") || reader.is("[?");
      if (reader.take(".") || reader.take(".?")) {
        const name = reader.name();
        object = reader.is("(")
          ? { kind: "call", object, name, arguments: this.#arguments(), line }
          : { kind: "member", object, property: name, safe, line };
      } else if (reader.take("[") || reader.take("[?")) {
        reader.skipLines();
        object = { kind: "index", object, index: this.expression(), safe, line };
        reader.skipLines();
        reader.expect("]");
      } else if (reader.take("::")) object = { kind: "nested", object, name: reader.name(), line };
      else return object;
    }
  }

  #primary(): Expression {
    const reader = this.#reader;
    const { kind, text, line } = reader.peek();
    if (kind === "text") return { kind: "literal", value: reader.next().text, line };
    if (kind === "head") return this.#text();
    if (kind === "number") return { kind: "literal", value: Number(reader.next().text), line };
    if (kind === "name") return this.#word();
    if (text === "{") return this.object();
    if (text === "[") return this.#array();
    if (text === "(") return this.#parentheses();
    throw reader.fault("Expected an expression");
  }

  #word(): Expression {
    const reader = this.#reader;
    const { line } = reader;
    const name = reader.name();
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true", line };
    if (name === "null") return { kind: "literal", value: null, line };
    if (reader.take("=>")) return this.#lambda([name], line);
    if (reader.is("(")) return { kind: "call", object: undefined, name, arguments: this.#arguments(), line };
    return { kind: "name", name, line };
  }

  #lambda(parameters: string[], line: number): Expression {
    this.#reader.skipLines();
    return { kind: "lambda", parameters, body: this.expression(), line };
  }

  #parentheses(): Expression {
    const reader = this.#reader;
    const { line } = reader;
    const names = this.#lambdaNames();
    if (names) return this.#lambda(names, line);
    reader.expect("(");
    reader.skipLines();
    const inner = this.expression();
    reader.skipLines();
    reader.expect(")");
    return inner;
  }

  /** `(a, b) =>` if that is what stands here. */
  #lambdaNames(): string[] | undefined {
    const reader = this.#reader;
    const names: string[] = [];
    let ahead = 1;
    while (!reader.is(")", ahead)) {
      const { kind, text } = reader.peek(ahead++);
      if (kind === "name") names.push(text);
      else if (text !== ",") return undefined;
    }
    if (!reader.is("=>", ahead + 1)) return undefined;
    for (let taken = 0; taken < ahead + 2; taken++) reader.next();
    return names;
  }

  #arguments(): Expression[] {
    const reader = this.#reader;
    reader.expect("(");
    reader.skipLines();
    const given: Expression[] = [];
    while (!reader.take(")")) {
      given.push(this.expression());
      reader.skipLines();
      if (!reader.take(",") && !reader.is(")")) throw reader.fault("Expected , or )");
      reader.skipLines();
    }
    return given;
  }

  #array(): Expression {
    const reader = this.#reader;
    const { line } = reader;
    reader.expect("[");
    reader.skipLines();
    if (reader.is("for")) return this.#loop(line);
    const items: Expression[] = [];
    const spreads: Expression[] = [];
    while (!reader.take("]")) {
      if (reader.take("...")) spreads.push(this.expression());
      else items.push(this.expression());
      reader.endItem("]");
    }
    return { kind: "array", items, spreads, line };
  }

  #loop(line: number): Expression {
    const reader = this.#reader;
    reader.expect("for");
    const both = reader.take("(");
    const item = reader.name();
    let position: string | undefined;
    if (both) {
      reader.expect(",");
      position = reader.name();
      reader.expect(")");
    }
    reader.expect("in");
    const over = this.expression();
    reader.expect(":");
    reader.skipLines();
    const body = reader.is("if") && reader.is("(", 1) ? this.body() : this.expression();
    reader.skipLines();
    reader.expect("]");
    return { kind: "loop", item, position, over, body, line };
  }

  #text(): Expression {
    const reader = this.#reader;
    const { line } = reader;
    const parts: (string | Expression)[] = [reader.next().text];
    for (;;) {
      reader.skipLines();
      parts.push(this.expression());
      reader.skipLines();
      const { kind, text } = reader.next();
      if (kind !== "middle" && kind !== "tail") throw reader.fault("Expected } in a string");
      parts.push(text);
      if (kind === "tail") return { kind: "text", parts: parts.filter((part) => part !== ""), line };
    }
  }
}
