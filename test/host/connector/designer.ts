import { expect, it } from "vitest";
import { objectAt, textAt } from "../../../scripts/connector/json.ts";
import type {
  ConnectionReply,
  DeploymentList,
  ModelList,
} from "../../../src/connector/contracts/choice-schemas.ts";
import type { ConnectorError } from "../../../src/connector/contracts/schemas.ts";
import { choicesOf, dynamicFieldsOf, isList } from "../../support/workflow/dynamic-values.ts";
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
    const lists = fields.filter(({ rule }) => textAt(rule, "operationId") === "ListDeployments");
    expect(lists.length).toBeGreaterThan(1);
    for (const list of lists) {
      const choices = await choicesOf(engine, list, {});
      expect(choices.length).toBeGreaterThan(1);
      expect(choices).toEqual(
        choices.map(() => ({ value: expect.any(String) as string, title: expect.any(String) as string })),
      );
    }
  });

  it("tells what can be asked", async () => {
    const { status, body } = await engine.act("ListModels", {});
    expect([status, (body as ModelList).value.some(({ canEdit }) => canEdit)]).toEqual([200, true]);
  });

  it("fills every list of a fresh action, with nothing chosen yet", async () => {
    const lists = fields.filter(({ rule }) => textAt(rule, "operationId") === "GetModelParameters");
    expect(lists.length).toBeGreaterThan(10);
    for (const list of lists) {
      const choices = await choicesOf(engine, list, { deployment: "" });
      expect([list.place.at(-1), choices.length]).not.toEqual([list.place.at(-1), 0]);
    }
  });

  it("offers choices that the action takes, whether or not a deployment is chosen", async () => {
    const { value: deployments } = (await engine.act("ListDeployments", { task: "generation" }))
      .body as DeploymentList;
    const generate = definition.operation("GenerateImage").parameters.find(({ name }) => name === "body");
    const known = dynamicFieldsOf(definition.resolve(generate?.["schema"])).filter(
      ({ rule, kind }) => isList({ kind }) && textAt(rule, "operationId") === "GetModelParameters",
    );
    const outcomes = ["", ...deployments.map(({ name }) => name)].flatMap((deployment) =>
      known.map(async (list) => {
        const choices = await choicesOf(engine, list, { deployment });
        return Promise.all(
          choices.map(async ({ value = null }) => {
            const field = list.place.at(-1) ?? "";
            const body = { prompt: `a formal kite ${tiny}`, deployment, [field]: value };
            const { status, body: job } = await engine.act("SubmitImageJob", { body });
            return status === 201 ? [] : [field, value, deployment, status, job];
          }),
        );
      }),
    );
    expect((await Promise.all(outcomes)).flat(2)).toEqual([]);
  });
}
