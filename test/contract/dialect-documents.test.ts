import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/connector/json.ts";
import { checkParsers } from "../../scripts/connector/check/parsers.ts";
import { azureEndpoints } from "../../src/dialects/azure/endpoints.ts";
import type { OperationDeps } from "../../src/dialects/azure/operations.ts";
import { dialectDocument } from "../../src/dialects/documents.ts";
import type { EditDeps } from "../../src/dialects/openai/edits.ts";
import { openAiEndpoints } from "../../src/dialects/openai/endpoints.ts";
import { dialectDocumentEndpoints } from "../../src/dialects/openapi-get.ts";
import { errorInfo } from "../../src/domain/app-error.ts";
import { aDialect } from "../support/dialect.ts";
import { send } from "../support/http.ts";
import { onlyJob } from "../support/edit-requests.ts";
import type { OpenApi } from "../support/schemas.ts";
import { storedSlot } from "../support/slots.ts";

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as OpenApi;
// No endpoint is called: what they are is asked of them alone.
const deps = {} as EditDeps & OperationDeps;

describe.each([
  { dialect: "openai" as const, endpoints: openAiEndpoints(deps) },
  { dialect: "azure" as const, endpoints: azureEndpoints(deps) },
])("the document of $dialect's clients", ({ dialect, endpoints }) => {
  const document = asJson(dialectDocument(dialect));

  it("is valid OpenAPI 3.1, also to parsers of other people's making", async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect([errors, valid]).toEqual([undefined, true]);
    expect(await checkParsers(JSON.parse(JSON.stringify(document)) as JsonObject)).toEqual([]);
  });

  it("has every route of theirs, and no other", () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = endpoints.map(({ method, route }) => `${method} /${route}`);
    // A picture's address is the core's, not the other service's.
    expect(documented.sort()).toEqual(served.filter((route) => !route.includes("/pictures/")).sort());
  });
});

it("the documents are served below their bases, to the one who asks, with the address that callers use", async () => {
  const publicOrigin = "https://images.example";
  for (const endpoint of dialectDocumentEndpoints({ publicOrigin })) {
    const { status, json } = await send(endpoint, { path: `/${endpoint.route}` });
    expect([status, endpoint.access, json]).toMatchObject([
      200,
      "public",
      { openapi: "3.1.1", servers: [{ url: publicOrigin }] },
    ]);
  }
});

describe("what OpenAI's clients are answered is what the document says:", () => {
  const id = "https://darkroom.example/v1/openapi.json";
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(asJson(dialectDocument("openai")), id);
  const misfits = (value: unknown, name: string) => {
    const validate = ajv.getSchema(`${id}#/components/schemas/${name}`);
    if (!validate) throw new Error(`The document has no ${name}.`);
    return validate(value) === true ? [] : (validate.errors ?? []);
  };

  it("pictures", async () => {
    const { app, generate } = aDialect();
    app.runner.start = async ({ id: jobId, createdAt }) => {
      const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
      const input_tokens_details = { text_tokens: 1, image_tokens: 0 };
      const end = { status: "succeeded" as const, finishedAt: createdAt };
      await app.jobs.end(jobId, async () => ({
        end: { ...end, usage: { ...usage, input_tokens_details } },
        slots: [storedSlot(0)],
      }));
    };
    const answer = await generate();
    expect([answer.status, misfits(answer.json, "ImagesReply")]).toEqual([200, []]);
    expect(misfits({ ...(answer.json as object), more: 1 }, "ImagesReply")).not.toEqual([]);
  });

  it("errors", async () => {
    const { app, generate } = aDialect();
    const refused = await generate({}, { model: "gpt-image-1", prompt: "a", size: "1x1" });
    app.runner.start = async ({ id: jobId }) => {
      await app.jobs.advance(jobId, "failed", { failure: errorInfo("contentFilter", "Not this.") });
    };
    const failed = await generate();
    expect(onlyJob(app).status).toBe("failed");
    for (const { status, json } of [refused, failed])
      expect([status, misfits(json, "Error")]).toEqual([400, []]);
  });
});
