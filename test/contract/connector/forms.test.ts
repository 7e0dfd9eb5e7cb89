import { expect, it } from "vitest";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { asJson, type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { anApp } from "../../support/app.ts";
import { askConnector } from "../../support/connector.ts";

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
