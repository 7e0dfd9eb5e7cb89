/** Expressions of the workflow definition language, read into trees. Only their form: what names mean is told elsewhere. */
export type Expression =
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "call"; name: string; given: Expression[] }
  | { kind: "member"; of: Expression; key: Expression };

export type Piece = string | Expression;

/**
 * A text of a definition, in pieces: plain ones, and the expressions between them. `@x` is one expression, `a@{x}b` holds
 * one, `@@` at the start is an at sign. Throws where an expression can't be read.
 */
export function piecesOf(text: string): Piece[] {
  if (text.startsWith("@@")) return [text.slice(1)];
  if (text.startsWith("@") && !text.startsWith("@{")) {
    const reader = new Reader(text, 1);
    const expression = reader.expression();
    if (!reader.isAtEnd) throw new Error(`"${text}" goes on after its expression`);
    return [expression];
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf("@{", from);
    if (start === -1) break;
    if (text[start - 1] === "@") {
      pieces.push(text.slice(from, start));
      from = start + 1;
      continue;
    }
    if (start > from) pieces.push(text.slice(from, start));
    const reader = new Reader(text, start + 2);
    pieces.push(reader.expression());
    from = reader.closingBrace();
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** The expressions of a text, or none where it can't be read: why it can't is one check's business. */
export function expressionsIn(
  text: string,
  onFault: (message: string) => void = () => undefined,
): Expression[] {
  try {
    return piecesOf(text).filter((piece) => typeof piece !== "string");
  } catch (fault) {
    onFault(fault instanceof Error ? fault.message : "can't be read");
    return [];
  }
}

/** The expression and all within it. */
export function partsOf(expression: Expression): Expression[] {
  if (expression.kind === "call") return [expression, ...expression.given.flatMap(partsOf)];
  if (expression.kind === "member")
    return [expression, ...partsOf(expression.of), ...partsOf(expression.key)];
  return [expression];
}

/** The name that a call like `body('Name')` gives first. */
export function namedBy(expression: Expression): string | undefined {
  if (expression.kind !== "call") return undefined;
  const [first] = expression.given;
  return first?.kind === "literal" && typeof first.value === "string" ? first.value : undefined;
}

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#text.length;
  }

  /** Where the text goes on after the brace that must be next. */
  closingBrace(): number {
    this.#expect("}");
    return this.#at;
  }

  expression(): Expression {
    let read = this.#simple();
    for (;;) {
      const isOptional = this.#take("?");
      if (this.#take("[")) {
        read = { kind: "member", of: read, key: this.expression() };
        this.#expect("]");
      } else if (this.#take(".")) {
        read = { kind: "member", of: read, key: { kind: "literal", value: this.#word() } };
      } else if (isOptional) throw new Error(`"${this.#text}" has a question mark before no field`);
      else return read;
    }
  }

  #simple(): Expression {
    this.#skipSpace();
    if (this.#text[this.#at] === "'") return { kind: "literal", value: this.#quoted() };
    const number = /^-?\d+(\.\d+)?/.exec(this.#text.slice(this.#at));
    if (number) {
      this.#at += number[0].length;
      return { kind: "literal", value: Number(number[0]) };
    }
    const name = this.#word();
    if (!this.#take("(")) return { kind: "literal", value: this.#constant(name) };
    const given: Expression[] = [];
    while (!this.#take(")")) {
      if (given.length > 0) this.#expect(",");
      given.push(this.expression());
    }
    return { kind: "call", name, given };
  }

  #constant(name: string): boolean | null {
    if (name === "null") return null;
    if (name === "true" || name === "false") return name === "true";
    throw new Error(`"${this.#text}" has ${name}, which is neither called nor quoted`);
  }

  /** A quote within quotes is written twice. */
  #quoted(): string {
    let value = "";
    for (;;) {
      const end = this.#text.indexOf("'", this.#at + 1);
      if (end === -1) throw new Error(`"${this.#text}" opens a quote that it doesn't close`);
      value += this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      if (this.#text[this.#at] !== "'") return value;
      value += "'";
    }
  }

  #word(): string {
    this.#skipSpace();
    const word = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw new Error(`"${this.#text}" can't be read from place ${this.#at} on`);
    this.#at += word.length;
    return word;
  }

  #take(mark: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw new Error(`"${this.#text}" lacks ${mark} at place ${this.#at}`);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }
}
