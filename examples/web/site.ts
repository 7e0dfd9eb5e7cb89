import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";

/** Your own server: it serves the page and makes tokens with the key, which stays here. */

const types: Record<string, string> = { html: "text/html; charset=utf-8", js: "text/javascript" };
const page = fileURLToPath(new URL(".", import.meta.url));

export interface Site {
  /** Where Darkroom is. */
  darkroom: string;
  key: string;
  /** The built client: `packages/client/dist`. */
  client: string;
}

export async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = request;
  if (url === "/darkroom") return void response.end(site.darkroom);
  if (method === "POST" && url === "/token") return void response.end(await newToken(site));
  const name = /^\/(index\.html|list\.js|client\/[\w-]+\.js)$/.exec(url === "/" ? "/index.html" : url)?.[1];
  if (name === undefined) return void response.writeHead(404).end();
  const file = name.startsWith("client/") ? `${site.client}/${name.slice("client/".length)}` : page + name;
  const bytes = await readFile(file);
  response.writeHead(200, { "content-type": types[name.split(".").at(-1) ?? ""] }).end(bytes);
}

/** Here everybody is one visitor. Your server knows who is signed in: that is the subject. */
async function newToken({ darkroom, key }: Site): Promise<string> {
  const reply = await fetch(`${darkroom}/api/tokens`, {
    method: "POST",
    headers: { "api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ subject: "visitor", scopes: ["generate", "read"], max_jobs: 20 }),
  });
  if (!reply.ok) throw new Error(`Darkroom made no token: HTTP ${reply.status}.`);
  return ((await reply.json()) as { token: string }).token;
}
