import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { checkDefinitionShape } from "../../../scripts/connector/check/shapes.ts";
import type { JsonObject } from "../../../scripts/connector/json.ts";
import { connectorSwaggerGet } from "../../../src/connector/swagger-get.ts";
import { anApp } from "../../support/app.ts";
import { anonymous } from "../../support/connector.ts";
import { committed } from "../../support/connector-package.ts";
import { aContext, send } from "../../support/http.ts";

const path = "/connector.swagger.json";
const get = (headers: Record<string, string> = {}) =>
  anApp().ask("connectorSwaggerGet", { path, headers: { ...anonymous, ...headers } });

/** Asked at another address than the one that all other tests use. */
async function askedAt(address: string, sent: Record<string, string> = {}) {
  const request = new HttpRequest({ method: "GET", url: `${address}${path}`, headers: sent });
  const call = { request, params: {}, caller: "", requestId: "r", context: aContext() };
  const { status, headers, body } = await connectorSwaggerGet(anApp()).handle(call);
  return { status, headers: new Headers(headers), body };
}

describe("the connector's definition under the app's own address", () => {
  it("is the committed one, for the host it was asked at", async () => {
    const { status, headers, json } = await get();
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(json).toEqual({
      ...committed("apiDefinition.swagger.json"),
      host: "darkroom.example",
      schemes: ["https"],
    });
    expect(checkDefinitionShape(json as JsonObject)).toEqual([]);
  });

  it("names the port and the scheme of a machine where there is no other", async () => {
    const { body } = await askedAt("http://localhost:7071");
    expect(JSON.parse(body as string)).toMatchObject({ host: "localhost:7071", schemes: ["http"] });
  });

  it("that a cache keeps for one host is never taken for another's", async () => {
    const elsewhere = await askedAt("https://evil.example");
    expect(elsewhere.headers.get("cache-control")).toBe("no-cache");
    const etag = elsewhere.headers.get("etag") ?? "";
    expect((await askedAt("https://evil.example", { "if-none-match": etag })).status).toBe(304);
    expect((await askedAt("https://darkroom.example", { "if-none-match": etag })).status).toBe(200);
    expect((await askedAt("http://evil.example", { "if-none-match": etag })).status).toBe(200);
  });

  it("may be read by pages of any other site", async () => {
    expect((await get()).headers.get("access-control-allow-origin")).toBe("*");
  });

  it("is sent once to a reader who keeps it", async () => {
    const etag = (await get()).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{16}"$/);
    for (const known of [etag, `W/${etag}, "other"`]) {
      const { status, text, headers } = await get({ "if-none-match": known });
      expect([status, text]).toEqual([304, ""]);
      expect([headers.get("etag"), headers.get("access-control-allow-origin")]).toEqual([etag, "*"]);
    }
    expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
  });

  it("that was not built is not there, and says why", async () => {
    const missing = connectorSwaggerGet({
      ...anApp(),
      definition: { read: () => Promise.resolve(undefined) },
    });
    const { status, json } = await send(missing, { path });
    expect([status, json]).toMatchObject([404, { error: { code: "notFound" } }]);
  });

  it("is open to what a browser asks before it lets a designer read it", async () => {
    const { status, text, headers } = await anApp().ask("connectorSwaggerOptions", {
      path,
      headers: {
        ...anonymous,
        "access-control-request-headers": "access-control-allow-origin,authorization",
      },
    });
    expect([status, text]).toEqual([204, ""]);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-headers")).toBe("*, authorization");
    expect(headers.get("access-control-allow-methods")).toBe("GET");
  });
});
