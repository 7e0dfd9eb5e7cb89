import { expect, it } from "vitest";
import { type Json, listAt, objectAt, textAt } from "../../../scripts/connector/json.ts";
import type { ConnectionReply, ConnectorError } from "../../../src/connector/contracts/schemas.ts";
import {
  choicesOf,
  dynamicFieldsOf,
  fieldsAskedFor,
  formOf,
  isList,
} from "../../support/workflow/dynamic-values.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

/** What a portal and a designer ask while a workflow is written. */
export function designer({ darkroom, engine }: WorkflowHarness): void {
  const { definition } = engine.connection;
  const fields = dynamicFieldsOf(definition.document);

  it("tests the connection, by the key as it is and with an accidental prefix", async () => {
    const test = objectAt(objectAt(definition.document, "x-ms-capabilities"), "testConnection");
    const operationId = textAt(test, "operationId") ?? "";
    const inputs = objectAt(test, "parameters");
    const key = darkroom.running.key ?? "";
    for (const given of [key, `Bearer ${key}`]) {
      const { status, body } = await engine.act(operationId, inputs, { key: given });
      expect([status, (body as ConnectionReply).caller]).toEqual([200, "key:local"]);
    }
    const refused = await engine.act(operationId, inputs, { key: "wrong" });
    expect([refused.status, (refused.body as ConnectorError).error.requestId]).toEqual([
      401,
      expect.stringMatching(/^[\w-]{8,}$/),
    ]);
  });

  it("fills every list from the operation that it names", async () => {
    const lists = fields.filter(isList);
    expect(lists.length).toBeGreaterThan(1);
    for (const list of lists) {
      const choices = await choicesOf(engine, list);
      expect(choices.length).toBeGreaterThan(1);
      expect(choices).toEqual(
        choices.map(() => ({ value: expect.any(String) as string, title: expect.any(String) as string })),
      );
    }
  });

  it("shows every form that another field decides about, for each of that field's choices", async () => {
    const forms = fields.filter((field) => !isList(field));
    expect(forms.length).toBeGreaterThan(1);
    for (const form of forms) {
      const [asked = "", ...others] = fieldsAskedFor(form);
      expect(others).toEqual([]);
      const list = fields.find((field) => isList(field) && field.place.at(-1) === asked);
      const choices = list ? await choicesOf(engine, list) : [];
      expect(choices.length).toBeGreaterThan(1);
      for (const { value = null } of choices) {
        const schema = await formOf(engine, form, { [asked]: value });
        expect(schema["type"]).toBe("object");
        expect(Object.keys(objectAt(schema, "properties")).length).toBeGreaterThan(0);
      }
    }
    // Of one that has gone since: a form that failed would say nothing at all.
    const gone = await engine.act("GetModelParameters", { deployment: "none/such" });
    expect([gone.status, objectAt(objectAt(gone.body, "schema"), "properties")]).toEqual([200, {}]);
  });

  it("offers choices that the deployment takes", async () => {
    const [list] = fields.filter(isList);
    const [form] = fields.filter((field) => !isList(field));
    if (!list || !form) throw new Error("The definition offers nothing.");
    const generate = definition.operation("GenerateImage").parameters.find(({ name }) => name === "body");
    const known = objectAt(definition.resolve(generate?.["schema"]), "properties");
    const outcomes = (await choicesOf(engine, list)).map(async ({ value: deployment = "" }) => {
      const { properties } = await formOf(engine, form, { deployment });
      // The first of each list: what a hurried author clicks. What only edits have is none of a generation's.
      const chosen = Object.entries(properties ?? {}).flatMap(([name, field]): [string, Json][] => {
        const [first] = listAt(field, "enum");
        return name in known && first !== undefined ? [[name, first]] : [];
      });
      expect(chosen.length).toBeGreaterThan(0);
      const body = {
        prompt: `a formal kite ${tiny}`,
        deployment,
        modelParameters: Object.fromEntries(chosen),
      };
      return engine.act("GenerateImage", { body });
    });
    const ended = await Promise.all(outcomes);
    for (const { status, body } of ended)
      expect([status, body]).toMatchObject([200, { status: "succeeded" }]);
  });
}
