import { ExpressionParser } from "./parse-expression.ts";
import { TypeParser } from "./parse-type.ts";
import { Reader } from "./reader.ts";
import type { BicepFile, Decorator, Expression, Resource } from "./syntax.ts";

/**
 * Reads a template. Throws a SyntaxFault.
 *
 * The model has a parser of its own because the tree-sitter grammar, made to colour text, groups `x => x.a == 1` as
 * `((x => x).a) == 1`, and takes properties that share a line without a comma. Both read every file (grammar.ts).
 */
export function parseBicep(path: string, source: string): BicepFile {
  return new FileParser(path, source).file();
}

class FileParser {
  readonly #reader: Reader;
  readonly #expressions: ExpressionParser;
  readonly #types: TypeParser;
  readonly #file: BicepFile;

  constructor(path: string, source: string) {
    this.#reader = new Reader(source);
    this.#expressions = new ExpressionParser(this.#reader, () => this.#child());
    this.#types = new TypeParser(this.#reader, () => this.#decorators());
    this.#file = {
      path,
      targetScope: undefined,
      parameters: [],
      variables: [],
      types: [],
      functions: [],
      resources: [],
      modules: [],
      outputs: [],
      imports: [],
    };
  }

  file(): BicepFile {
    const reader = this.#reader;
    reader.skipLines();
    while (reader.peek().kind !== "end") {
      this.#statement();
      reader.endStatement();
    }
    return this.#file;
  }

  #decorators(): Decorator[] {
    const reader = this.#reader;
    const found: Decorator[] = [];
    while (reader.take("@")) {
      const call = this.#expressions.expression();
      if (call.kind !== "call") throw reader.fault("Expected a decorator");
      found.push({ name: call.name, arguments: call.arguments, line: call.line });
      reader.skipLines();
    }
    return found;
  }

  #statement(): void {
    const reader = this.#reader;
    const file = this.#file;
    const decorators = this.#decorators();
    const line = reader.line;
    const keyword = reader.name();
    switch (keyword) {
      case "targetScope":
        reader.expect("=");
        file.targetScope = reader.text();
        return;
      case "metadata":
        reader.name();
        this.#assigned();
        return;
      case "param":
        this.#parameter(decorators, line);
        return;
      case "var": {
        const name = reader.name();
        if (!reader.is("=")) this.#types.type();
        file.variables.push({ name, line, decorators, value: this.#assigned() });
        return;
      }
      case "type": {
        const name = reader.name();
        reader.expect("=");
        file.types.push({ name, line, decorators, type: this.#types.type() });
        return;
      }
      case "func":
        this.#function(decorators, line);
        return;
      case "output": {
        const name = reader.name();
        file.outputs.push({ name, line, decorators, type: this.#types.type(), value: this.#assigned() });
        return;
      }
      case "resource":
        file.resources.push(this.#resource(decorators, line));
        return;
      case "module": {
        const name = reader.name();
        const source = reader.text();
        reader.expect("=");
        file.modules.push({ name, line, decorators, source, body: this.#expressions.body() });
        return;
      }
      case "import":
        this.#import(line);
        return;
      default:
        throw reader.fault(`"${keyword}" begins no statement that the checks know`);
    }
  }

  #assigned() {
    this.#reader.expect("=");
    this.#reader.skipLines();
    return this.#expressions.expression();
  }

  #parameter(decorators: Decorator[], line: number): void {
    const reader = this.#reader;
    const name = reader.name();
    const type = this.#types.type();
    const value = reader.is("=") ? this.#assigned() : undefined;
    this.#file.parameters.push({ name, line, decorators, type, value });
  }

  #function(decorators: Decorator[], line: number): void {
    const reader = this.#reader;
    const name = reader.name();
    const parameters: BicepFile["functions"][number]["parameters"] = [];
    reader.expect("(");
    reader.skipLines();
    while (!reader.take(")")) {
      parameters.push({ name: reader.name(), type: this.#types.type() });
      reader.endItem(")");
    }
    this.#types.type();
    reader.expect("=>");
    reader.skipLines();
    this.#file.functions.push({ name, line, decorators, parameters, body: this.#expressions.expression() });
  }

  #child(): Resource {
    const decorators = this.#decorators();
    const line = this.#reader.line;
    this.#reader.expect("resource");
    return this.#resource(decorators, line);
  }

  #resource(decorators: Decorator[], line: number): Resource {
    const reader = this.#reader;
    const name = reader.name();
    const [type = "", apiVersion = ""] = reader.text().split("@");
    const existing = reader.take("existing");
    reader.expect("=");
    const body = this.#expressions.body();
    const object = bodyObject(body);
    const children = object.kind === "object" ? object.resources : [];
    return { name, line, decorators, type, apiVersion, existing, body, children };
  }

  #import(line: number): void {
    const reader = this.#reader;
    const names: { name: string; as: string }[] = [];
    let all: string | undefined;
    if (reader.take("*")) {
      reader.expect("as");
      all = reader.name();
    } else {
      reader.expect("{");
      reader.skipLines();
      while (!reader.take("}")) {
        const name = reader.name();
        names.push({ name, as: reader.take("as") ? reader.name() : name });
        reader.endItem("}");
      }
    }
    reader.expect("from");
    this.#file.imports.push({ names, all, from: reader.text(), line });
  }
}

/** The object of a body, without the condition or loop around it. */
export function bodyObject(body: Expression): Expression {
  return body.kind === "if" || body.kind === "loop" ? bodyObject(body.body) : body;
}
