import type { Reader } from "./reader.ts";
import type { Decorator, TypeExpression, TypeProperty } from "./syntax.ts";

/** Reads what stands behind a parameter's name: `string`, `'a' | 'b'`, `{ … }[]`, `string?` and the like. */
export class TypeParser {
  readonly #reader: Reader;
  readonly #decorators: () => Decorator[];

  constructor(reader: Reader, decorators: () => Decorator[]) {
    this.#reader = reader;
    this.#decorators = decorators;
  }

  type(): TypeExpression {
    const reader = this.#reader;
    if (reader.takeBelow("|")) reader.skipLines();
    const members = [this.#single()];
    while (reader.takeBelow("|")) {
      reader.skipLines();
      members.push(this.#single());
    }
    const [only] = members;
    return members.length === 1 && only ? only : { kind: "union", members };
  }

  #single(): TypeExpression {
    const reader = this.#reader;
    let type = this.#primary();
    for (;;) {
      if (reader.take("?")) type = { kind: "nullable", inner: type };
      else if (reader.take("[")) {
        // `type[]` is a list; `type[*]` and `type['x']` reach into one.
        const empty = reader.take("]");
        if (!empty) {
          while (!reader.take("]")) reader.next();
        }
        type = empty ? { kind: "array", items: type } : { kind: "any" };
      } else if (reader.take(".")) {
        reader.next();
        type = { kind: "any" };
      } else if (!reader.take("!")) return type;
    }
  }

  #primary(): TypeExpression {
    const reader = this.#reader;
    const { kind, text } = reader.peek();
    if (kind === "text") return { kind: "literal", value: reader.next().text };
    if (kind === "number") return { kind: "literal", value: Number(reader.next().text) };
    if (text === "-") {
      reader.next();
      return { kind: "literal", value: -Number(reader.next().text) };
    }
    if (text === "{") return this.#object();
    if (text === "[") return this.#tuple();
    if (text === "(") {
      reader.next();
      const inner = this.type();
      reader.skipLines();
      reader.expect(")");
      return inner;
    }
    const name = reader.name();
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
    if (name === "null") return { kind: "literal", value: null };
    if (!reader.is("<")) return { kind: "named", name };
    while (!reader.take(">")) reader.next();
    return { kind: "any" };
  }

  #object(): TypeExpression {
    const reader = this.#reader;
    reader.expect("{");
    reader.skipLines();
    const properties: TypeProperty[] = [];
    let rest: TypeExpression | undefined;
    while (!reader.take("}")) {
      const decorators = this.#decorators();
      const any = reader.take("*");
      const name = any ? "*" : reader.peek().kind === "text" ? reader.text() : reader.name();
      reader.expect(":");
      reader.skipLines();
      const type = this.type();
      if (any) rest = type;
      else properties.push({ name, type, decorators });
      reader.endItem("}");
    }
    return { kind: "object", properties, rest };
  }

  #tuple(): TypeExpression {
    const reader = this.#reader;
    reader.expect("[");
    reader.skipLines();
    while (!reader.take("]")) {
      this.#decorators();
      this.type();
      reader.endItem("]");
    }
    return { kind: "array", items: { kind: "any" } };
  }
}
