import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Language, type Node, Parser } from "web-tree-sitter";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { named, part, plain, type Scope, standIn, worked } from "./bicep-values.ts";

/**
 * Templates as far as the connector's own go: read by the grammar, and worked out for given parameters, so that a check sees
 * what would be deployed. A function that isn't known here stops it: nothing is passed over.
 */
export interface Resource {
  symbol: string;
  type: string;
  apiVersion: string;
  body: JsonObject;
}
export interface Module {
  symbol: string;
  file: string;
  isDeployed: boolean;
  params: JsonObject;
}
export interface Parameter {
  name: string;
  isRequired: boolean;
  isSecure: boolean;
  isDescribed: boolean;
}

const wasm = createRequire(import.meta.url).resolve("tree-sitter-bicep/tree-sitter-bicep.wasm");

export async function readTemplate(url: URL, text?: string): Promise<Template> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(wasm));
  const tree = parser.parse(text ?? readFileSync(url, "utf8"));
  if (!tree || tree.rootNode.hasError) throw new Error(`${url.pathname} is no template`);
  return new Template(tree.rootNode, url);
}

export class Template {
  readonly #declarations: Node[];
  readonly #url: URL;

  constructor(root: Node, url: URL) {
    this.#declarations = named(root);
    this.#url = url;
  }

  parameters(): Parameter[] {
    return this.#declarations.flatMap((node, at) => {
      if (node.type !== "parameter_declaration") return [];
      const before = this.#declarations[at - 1];
      const decorators = before?.type === "decorators" ? before.text : "";
      return [
        {
          name: part(node, 0).text,
          isRequired: named(node).length < 3,
          isSecure: decorators.includes("@secure()"),
          isDescribed: decorators.includes("@description("),
        },
      ];
    });
  }

  outputs(): string[] {
    return this.#of("output_declaration").map((node) => part(node, 0).text);
  }

  resources(given: JsonObject): Resource[] {
    return this.#of("resource_declaration").flatMap((node) => {
      const [type = "", apiVersion = ""] = plain(part(node, 1)).split("@");
      const { isWanted, body } = this.#bodyOf(node, given);
      return isWanted ? [{ symbol: part(node, 0).text, type, apiVersion, body }] : [];
    });
  }

  modules(given: JsonObject): Module[] {
    return this.#of("module_declaration").map((node) => {
      const { isWanted, body } = this.#bodyOf(node, given);
      const params = body["params"];
      return {
        symbol: part(node, 0).text,
        file: plain(part(node, 1)),
        isDeployed: isWanted,
        params: isObject(params) ? params : {},
      };
    });
  }

  #bodyOf(node: Node, given: JsonObject): { isWanted: boolean; body: JsonObject } {
    const scope = this.#scope(given);
    const last = part(node, 2);
    const [condition, object] =
      last.type === "if_statement" ? [part(last, 0), part(last, 1)] : [undefined, last];
    const body = worked(object, scope);
    if (!isObject(body)) throw new Error(`${node.text.slice(0, 40)} has no body`);
    return { isWanted: !condition || worked(condition, scope) === true, body };
  }

  #of(type: string): Node[] {
    return this.#declarations.filter((node) => node.type === type);
  }

  #scope(given: JsonObject): Scope {
    return {
      url: this.#url,
      find: (name) => {
        if (name in given) return given[name];
        for (const node of this.#declarations) {
          if (!node.type.endsWith("_declaration") || part(node, 0).text !== name) continue;
          if (node.type === "variable_declaration") return worked(part(node, 1), this.#scope(given));
          const value = named(node)[2];
          if (node.type === "parameter_declaration" && value) return worked(value, this.#scope(given));
          if (node.type === "resource_declaration")
            return standIn(name, plain(part(node, 1)), this.#nameOf(node, given));
        }
        throw new Error(`${name} has no value`);
      },
    };
  }

  #nameOf(node: Node, given: JsonObject): Json {
    const name = named(part(node, 2)).find((property) => part(property, 0).text === "name");
    return name ? worked(part(name, 1), this.#scope(given)) : "";
  }
}
