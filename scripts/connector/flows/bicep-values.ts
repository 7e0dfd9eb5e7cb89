import { readFileSync } from "node:fs";
import type { Node } from "web-tree-sitter";
import { asJson, isObject, type Json } from "../json.ts";

/** Where the names of a template have their values. */
export interface Scope {
  url: URL;
  find: (name: string) => Json | undefined;
}

/** What other resources may know of one before there is any. */
export const standIn = (symbol: string, type: string, name: Json): Json => ({
  id: `${group}/providers/${type.split("@")[0] ?? ""}/${textOf(name)}`,
  name,
  symbol,
});
const group = "/subscriptions/S/resourceGroups/G";

export const named = (node: Node): Node[] => node.namedChildren.filter((child) => child.type !== "comment");

export function part(node: Node, at: number): Node {
  const found = named(node)[at];
  if (!found) throw new Error(`${node.type} "${node.text.slice(0, 40)}" lacks a part`);
  return found;
}

export const plain = (node: Node): string => (node.text.startsWith("'") ? node.text.slice(1, -1) : node.text);

/** What an expression of a template comes to. */
export function worked(node: Node, scope: Scope): Json {
  switch (node.type) {
    case "string":
      return named(node)
        .map((piece) =>
          piece.type === "string_content"
            ? unescaped(piece.text)
            : piece.type === "interpolation"
              ? textOf(worked(part(piece, 0), scope))
              : unescaped(piece.text),
        )
        .join("");
    case "number":
      return Number(node.text);
    case "boolean":
      return node.text === "true";
    case "null":
      return null;
    case "parenthesized_expression":
      return worked(part(node, 0), scope);
    case "array":
      return named(node).map((entry) => worked(entry, scope));
    case "object":
      // A property of null is one that isn't there.
      return Object.fromEntries(
        named(node)
          .map((property): [string, Json] => [plain(part(property, 0)), worked(part(property, 1), scope)])
          .filter(([, value]) => value !== null),
      );
    case "identifier":
      return scope.find(node.text) ?? null;
    case "unary_expression":
      return worked(part(node, 0), scope) !== true;
    case "binary_expression":
      return combined(node, scope);
    case "ternary_expression":
      return worked(part(node, worked(part(node, 0), scope) === true ? 1 : 2), scope);
    case "member_expression":
      return memberOf(worked(part(node, 0), scope), part(node, 1).text);
    case "subscript_expression":
      return memberOf(worked(part(node, 0), scope), textOf(worked(part(node, 1), scope)));
    case "call_expression":
      return called(
        part(node, 0).text,
        named(part(node, 1)).map((one) => worked(one, scope)),
        scope,
      );
    default:
      throw new Error(`"${node.text.slice(0, 40)}" is a ${node.type}, which can't be worked out here`);
  }
}

/** A value as it stands within a text. */
const textOf = (value: Json | undefined) => (typeof value === "string" ? value : JSON.stringify(value ?? ""));
const unescaped = (text: string) => text.replaceAll("\\'", "'");

function combined(node: Node, scope: Scope): Json {
  const [left, right] = [part(node, 0), part(node, 1)];
  const sign = node.text.slice(left.endIndex - node.startIndex, right.startIndex - node.startIndex).trim();
  const one = worked(left, scope);
  if (sign === "&&") return one === true && worked(right, scope) === true;
  if (sign === "||") return one === true || worked(right, scope) === true;
  if (sign === "==") return one === worked(right, scope);
  if (sign === "!=") return one !== worked(right, scope);
  if (sign === "-") return Number(one) - Number(worked(right, scope));
  throw new Error(`${sign} can't be worked out here`);
}

function memberOf(value: Json, key: string): Json {
  if (Array.isArray(value)) return value[Number(key)] ?? null;
  const member = isObject(value) ? value[key] : undefined;
  if (member === undefined) throw new Error(`there is no ${key}`);
  return member;
}

function called(name: string, given: Json[], { url }: Scope): Json {
  const [first, second] = given;
  const text = textOf(first);
  const objects = (list: Json[]) => list.filter(isObject);
  switch (name) {
    case "any":
      return first ?? null;
    case "empty":
      return text === "" || (isObject(first) && Object.keys(first).length === 0);
    case "endsWith":
      return text.endsWith(textOf(second));
    case "take":
      return text.slice(0, Number(second));
    case "length":
      return text.length;
    case "split":
      return text.split(textOf(second));
    case "union":
      return objects(given).reduce((sum, one) => ({ ...sum, ...one }), {});
    case "shallowMerge":
      return objects(Array.isArray(first) ? first : []).reduce((sum, one) => ({ ...sum, ...one }), {});
    case "loadJsonContent":
      return asJson(JSON.parse(readFileSync(new URL(text, url), "utf8")));
    case "resourceId":
      return `${group}/providers/${text}/${textOf(second)}`;
    case "subscriptionResourceId":
      return `/subscriptions/S/providers/Microsoft.Web/locations/${given.slice(1).map(String).join("/managedApis/")}`;
    case "resourceGroup":
      return { id: group, location: "westeurope", name: "G" };
    case "tenant":
      return { tenantId: "00000000-0000-0000-0000-00000000000T" };
    case "environment":
      return { authentication: { loginEndpoint: "https://login.microsoftonline.com/" } };
    default:
      throw new Error(`${name}() can't be worked out here`);
  }
}
