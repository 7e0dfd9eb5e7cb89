import { SyntaxFault, type Token, tokens } from "./tokens.ts";

/** Reads tokens one after the other, for the parsers. */
export class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = tokens(source);
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#last();
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  get line(): number {
    return this.peek().line;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === "sign" || token.kind === "name") && token.text === text;
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  /** Takes a sign or word though it may stand on a later line. */
  takeBelow(text: string): boolean {
    let ahead = 0;
    while (this.peek(ahead).kind === "line-end") ahead++;
    if (!this.is(text, ahead)) return false;
    this.#at += ahead + 1;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.fault(`Expected ${text}`);
  }

  name(): string {
    if (this.peek().kind !== "name") throw this.fault("Expected a name");
    return this.next().text;
  }

  text(): string {
    if (this.peek().kind !== "text") throw this.fault("Expected a string without interpolation");
    return this.next().text;
  }

  skipLines(): void {
    while (this.peek().kind === "line-end") this.#at++;
  }

  /** Between two items of a list in braces or brackets: a comma, a new line, or the end of the list. */
  endItem(closing: string): void {
    if (this.take(",") || this.peek().kind === "line-end" || this.is(closing)) {
      this.skipLines();
      return;
    }
    throw this.fault("Expected a new line or a comma");
  }

  endStatement(): void {
    if (this.peek().kind !== "line-end" && this.peek().kind !== "end")
      throw this.fault("Expected a new line");
    this.skipLines();
  }

  fault(message: string): SyntaxFault {
    const { kind, text, line } = this.peek();
    const here =
      kind === "line-end" ? "the line ends" : kind === "end" ? "the file ends" : `"${text}" stands`;
    return new SyntaxFault(line, `${message}, but ${here} here.`);
  }

  #last(): Token {
    return this.#tokens.at(-1) ?? { kind: "end", text: "", line: 1 };
  }
}
