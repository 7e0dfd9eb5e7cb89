import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { checkDefinitionShape } from "../../../scripts/connector/check/shapes.ts";
import type { JsonObject } from "../../../scripts/connector/json.ts";
import { connectorSwaggerGet } from "../../../src/functions/connector-swagger.ts";
import { anApp } from "../../support/app.ts";
import { anonymous } from "../../support/connector.ts";
import { committed } from "../../support/connector-package.ts";
import { aContext, send } from "../../support/http.ts";

const path = "/connector.swagger.json";
const get = (headers: Record<string, string> = {}) =>
  anApp().ask("connectorSwaggerGet", { path, headers: { ...anonymous, ...headers } });

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
    const request = new HttpRequest({ method: "GET", url: `http://localhost:7071${path}` });
    const call = { request, params: {}, caller: "", requestId: "r", context: aContext() };
    const { body } = await connectorSwaggerGet(anApp()).handle(call);
    expect(JSON.parse(body as string)).toMatchObject({ host: "localhost:7071", schemes: ["http"] });
  });

  it("that a cache keeps for one host is never taken for another's", async () => {
    const at = async (url: string, headers: Record<string, string> = {}) => {
      const request = new HttpRequest({ method: "GET", url: `${url}${path}`, headers });
      const call = { request, params: {}, caller: "", requestId: "r", context: aContext() };
      const { status, headers: sent } = await connectorSwaggerGet(anApp()).handle(call);
      return { status, headers: new Headers(sent) };
    };
    const elsewhere = await at("https://evil.example");
    expect(elsewhere.headers.get("cache-control")).toBe("no-cache");
    const etag = elsewhere.headers.get("etag") ?? "";
    expect((await at("https://evil.example", { "if-none-match": etag })).status).toBe(304);
    expect((await at("https://darkroom.example", { "if-none-match": etag })).status).toBe(200);
    expect((await at("http://evil.example", { "if-none-match": etag })).status).toBe(200);
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
    const missing = connectorSwaggerGet({ definition: { read: () => Promise.resolve(undefined) } });
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
