import { poll, remove } from "./dalle2-operation.ts";
import { submit } from "./dalle2-submit.ts";
import { edit } from "./edits/edit.ts";
import { generate } from "./generate.ts";
import { readImage } from "./image.ts";
import type { Handler } from "./simulation.ts";
import type { Dialect, RouteName } from "./wire.ts";

export interface Route {
  readonly name: RouteName;
  readonly dialect: Dialect;
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

const operation = /^\/openai\/(?:dalle\/)?operations\/images\/([^/]+)$/;
const blob = /^\/private\/images\/[^/]+\/[^/]+$/;

/** Every address the simulated service answers on. */
export const routes: readonly Route[] = [
  {
    name: "generate",
    dialect: "azure",
    method: "POST",
    pattern: /^\/openai\/deployments\/([^/]+)\/images\/generations$/,
    handle: generate,
  },
  {
    name: "generate",
    dialect: "azure",
    method: "POST",
    pattern: /^\/openai\/v1\/images\/generations$/,
    handle: generate,
  },
  {
    name: "generate",
    dialect: "openai",
    method: "POST",
    pattern: /^\/v1\/images\/generations$/,
    handle: generate,
  },
  {
    name: "edit",
    dialect: "azure",
    method: "POST",
    pattern: /^\/openai\/deployments\/([^/]+)\/images\/edits$/,
    handle: edit,
  },
  { name: "edit", dialect: "azure", method: "POST", pattern: /^\/openai\/v1\/images\/edits$/, handle: edit },
  { name: "edit", dialect: "openai", method: "POST", pattern: /^\/v1\/images\/edits$/, handle: edit },
  {
    name: "submit",
    dialect: "legacy",
    method: "POST",
    pattern: /^\/openai\/images\/generations:submit$/,
    handle: submit,
  },
  // [A9] shows operations under /openai/dalle as well.
  { name: "poll", dialect: "legacy", method: "GET", pattern: operation, handle: poll },
  { name: "delete", dialect: "legacy", method: "DELETE", pattern: operation, handle: remove },
  { name: "image", dialect: "blob", method: "GET", pattern: blob, handle: readImage },
  { name: "image", dialect: "blob", method: "HEAD", pattern: blob, handle: readImage },
];

export interface MatchedRoute extends Route {
  readonly captured: readonly string[];
}

export function matchRoute(method: string, path: string): MatchedRoute | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match !== null) return { ...route, captured: match.slice(1).map(decode) };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
