/** What is wrong with a text, and where. */
export class SyntaxFault extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * `text` is a whole string; one with interpolation comes as `head`, the tokens of an expression, `middle` …, `tail`.
 * `line-end` separates statements and properties.
 */
export interface Token {
  kind: "name" | "number" | "text" | "head" | "middle" | "tail" | "sign" | "line-end" | "end";
  text: string;
  line: number;
}

const signs = ["...", "=>", "==", "!=", "<=", ">=", "=~", "!~", "&&", "||", "??", "::", ".?", "[?"];
const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", "'": "'", "\\": "\\", $: "$" };

/** Cuts a Bicep text into tokens; comments and compiler directives are dropped. Throws a SyntaxFault. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  let line = 1;
  /** For every string that is open around here, how many braces are open within its `${`. */
  const open: number[] = [];
  const add = (kind: Token["kind"], text: string) => found.push({ kind, text, line });

  while (at < source.length) {
    const rest = source.slice(at, at + 3);
    const character = source.charAt(at);
    if (character === "\n") {
      add("line-end", "\n");
      line++;
      at++;
    } else if (/\s/.test(character)) at++;
    else if (rest.startsWith("//") || character === "#") at = until("\n");
    else if (rest.startsWith("/*")) {
      const stop = source.indexOf("*/", at + 2);
      if (stop < 0) throw new SyntaxFault(line, "A comment is not closed.");
      line += source.slice(at, stop).split("\n").length - 1;
      at = stop + 2;
    } else if (rest === "'''") rawText();
    else if (character === "'") {
      at++;
      quoted("text", "head");
    } else if (character === "}" && open.at(-1) === 0) {
      open.pop();
      at++;
      quoted("tail", "middle");
    } else if (/[A-Za-z_]/.test(character)) at = word("name", /[A-Za-z0-9_]*/y);
    else if (/[0-9]/.test(character)) at = word("number", /[0-9]*/y);
    else {
      const sign = signs.find((text) => source.startsWith(text, at)) ?? character;
      if (sign === "{" || sign === "}") {
        const last = open.length - 1;
        if (last >= 0) open[last] = (open[last] ?? 0) + (sign === "{" ? 1 : -1);
      }
      add("sign", sign);
      at += sign.length;
    }
  }
  if (open.length > 0) throw new SyntaxFault(line, "A string is not closed.");
  add("end", "");
  return found;

  function until(text: string): number {
    const stop = source.indexOf(text, at);
    return stop < 0 ? source.length : stop;
  }

  function word(kind: "name" | "number", pattern: RegExp): number {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0] ?? "";
    add(kind, text);
    return at + text.length;
  }

  function rawText(): void {
    let stop = source.indexOf("'''", at + 3);
    if (stop < 0) throw new SyntaxFault(line, "A string is not closed.");
    while (source[stop + 3] === "'") stop++;
    const text = source.slice(at + 3, stop);
    add("text", text.replace(/^\r?\n/, ""));
    line += text.split("\n").length - 1;
    at = stop + 3;
  }

  /** From behind the opening quote, or behind the `}` of an interpolation. */
  function quoted(whole: "text" | "tail", cut: "head" | "middle"): void {
    let text = "";
    for (;;) {
      const character = source[at];
      if (character === undefined || character === "\n")
        throw new SyntaxFault(line, "A string is not closed.");
      if (character === "'") {
        add(whole, text);
        at++;
        return;
      }
      if (source.startsWith("${", at)) {
        add(cut, text);
        open.push(0);
        at += 2;
        return;
      }
      if (character === "\\") {
        const unicode = /^\\u\{([0-9a-fA-F]+)\}/.exec(source.slice(at, at + 12));
        const escaped = escapes[source.charAt(at + 1)];
        if (unicode) text += String.fromCodePoint(Number.parseInt(unicode[1] ?? "", 16));
        else if (escaped === undefined) throw new SyntaxFault(line, "A backslash stands before no escape.");
        else text += escaped;
        at += unicode ? unicode[0].length : 2;
      } else {
        text += character;
        at++;
      }
    }
  }
}
