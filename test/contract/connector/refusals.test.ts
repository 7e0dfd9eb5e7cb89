import { describe, expect, it } from "vitest";
import { operationsOf } from "../../../scripts/connector/check/walk.ts";
import { objectAt, textAt } from "../../../scripts/connector/json.ts";
import { type App, anApp } from "../../support/app.ts";
import { anonymous } from "../../support/connector.ts";
import { committed } from "../../support/connector-package.ts";
import { type Sent, send } from "../../support/http.ts";

/** Each operation is refused in every way that there is to ask wrongly, and declares what it answers. */
const definition = committed("apiDefinition.swagger.json");
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const withoutScopes = { identify: async () => ({ caller: "key:phone", scopes: [] }) };

const wrongWays: [title: string, sent: Omit<Sent, "path">][] = [
  ["without a key", { headers: anonymous }],
  ["with a body of another type", { headers: { "content-type": "text/plain" }, body: "{}" }],
  ["with a body of no sense", { headers: json, body: "{" }],
  ["with a body above every limit", { headers: json, body: `{"a":"${"a".repeat(33 * 1024 * 1024)}"}` }],
  ["for what isn't there", { headers: json, body: "{}" }],
];

describe.each(operationsOf(definition))("$place", ({ place, path, method, operation }) => {
  const [name] =
    Object.entries(anApp().connector).find(([key]) => key.toLowerCase() === place.toLowerCase()) ?? [];
  const declared = Object.keys(objectAt(operation, "responses"));
  const filled = (textAt(definition, "basePath") ?? "") + path.replaceAll(/\{\w+\}/g, "none");

  it.each(wrongWays)("asked %s, answers what it declares", async (_title, { headers, body }) => {
    const sent = { path: filled, headers, ...(method === "post" && { body }) } as Sent;
    const { status } = await anApp().ask(name as keyof App["connector"], sent);
    expect(declared).toContain(String(status));
  });

  it("asked by who may nothing, answers what it declares", async () => {
    const endpoint = anApp().connector[name as keyof App["connector"]];
    const { status } = await send(endpoint, { path: filled }, withoutScopes);
    expect(declared).toContain(String(status));
  });
});
