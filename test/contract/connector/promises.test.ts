import { describe, expect, it } from "vitest";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { asJson, type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { anApp } from "../../support/app.ts";
import { askConnector } from "../../support/connector.ts";
import { brokenPromises } from "../../support/connector-promises.ts";

/** The replies themselves are asked for in test/unit/functions/connector-*.test.ts, each held against the definition. */
describe("a reply that breaks the committed definition is told", () => {
  const link = { url: "https://pictures.example/1.png", expiresOn: "2026-01-02T03:04:05.000Z" };
  const reply = (status: number, json: unknown, headers: Record<string, string> = {}) => ({
    status,
    json,
    headers: new Headers(headers),
  });

  it("and one that keeps it is not", () => {
    expect(brokenPromises("CreateImageLink", reply(200, link))).toEqual([]);
  });

  it.each<[string, string, ReturnType<typeof reply>]>([
    ["its status", "CreateImageLink", reply(202, link)],
    ["a field that is missing", "CreateImageLink", reply(200, { url: link.url })],
    ["a field that is null", "CreateImageLink", reply(200, { ...link, expiresOn: null })],
    ["a time that is none", "CreateImageLink", reply(200, { ...link, expiresOn: "soon" })],
    ["a header that is missing", "WhenImagesAreCreated", reply(202, undefined, { location: "https://x" })],
    ["an error in other words", "GetImageJob", reply(404, { message: "no" })],
    ["its operation", "MakeImage", reply(200, {})],
  ])("by %s", (_, operationId, answer) => {
    expect(brokenPromises(operationId, answer)).not.toEqual([]);
  });
});

it("the form of every deployment speaks the designers' dialect", async () => {
  const app = anApp();
  const listed = await askConnector(app, "listDeployments", { path: "/api/connector/deployments" });
  const { value } = listed.json as { value: { name: string }[] };
  expect(value.length).toBeGreaterThan(1);
  for (const { name } of value) {
    const path = `/api/connector/deployments/${name}/parameters`;
    const { json } = await askConnector(app, "getModelParameters", { path });
    const form = objectAt(asJson(json), "schema");
    expect(Object.keys(objectAt(form, "properties")).length).toBeGreaterThan(0);
    const alone: JsonObject = { definitions: { [name]: form } };
    expect(checkDialect(alone)).toEqual([]);
  }
});
