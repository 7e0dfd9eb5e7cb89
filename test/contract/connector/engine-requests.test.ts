import { describe, expect, it } from "vitest";
import { type Defect, firstParameter, job, jobs, listIn, put } from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";
import { Definition } from "../../support/workflow/definition.ts";
import { buildRequest, type Inputs, notificationField } from "../../support/workflow/requests.ts";
import { aHook, damagedDefinition } from "../../support/workflow/negative-fixtures.ts";

/** How the engine of test/host makes requests: by the definition, as a designer and its gateway do. */

const definition = new Definition(committed("apiDefinition.swagger.json"));
const built = (operationId: string, inputs: Inputs, ...defects: Defect[]) =>
  buildRequest(defects.length === 0 ? definition : damagedDefinition(...defects), operationId, inputs);

describe("a request", () => {
  it("has method, path, query, headers and body from the parameters that its inputs are named after", () => {
    const { operation, address } = built("GetImageJob", { jobId: "job_1", includeContent: true });
    expect([operation.method, address]).toEqual(["get", "/api/connector/jobs/job_1?includeContent=True"]);
    const body = { prompt: "a kite" };
    expect(built("SubmitImageJob", { "Idempotency-Key": "order-1", body })).toMatchObject({
      address: "/api/connector/jobs",
      headers: { "Idempotency-Key": "order-1" },
      body,
    });
  });

  it("encodes what stands in its path once, or twice where the definition says so", () => {
    const twice: Defect = (tree) => put(firstParameter(job(tree)), { "x-ms-url-encoding": "double" });
    expect(built("GetImageJob", { jobId: "a/b c" }).address).toBe("/api/connector/jobs/a%2Fb%20c");
    expect(built("GetImageJob", { jobId: "a/b c" }, twice).address).toBe("/api/connector/jobs/a%252Fb%2520c");
  });

  it("brings the defaults of what an author can't see, and of nothing else", () => {
    const hide: Defect = (tree) =>
      put(firstParameter(jobs(tree)), { "x-ms-visibility": "internal", default: "failed" });
    const offer: Defect = (tree) => put(firstParameter(jobs(tree)), { default: "failed" });
    expect(built("ListImageJobs", {}, hide).address).toBe("/api/connector/jobs?status=failed");
    expect(built("ListImageJobs", {}, offer).address).toBe("/api/connector/jobs");
  });

  it("writes lists as the definition has them", () => {
    const list =
      (collectionFormat: string): Defect =>
      (tree) =>
        listIn(jobs(tree), "parameters").push({
          name: "ids",
          in: "query",
          type: "array",
          collectionFormat,
          items: { type: "string" },
        });
    expect(built("ListImageJobs", { ids: ["a", "b"] }, list("multi")).address).toMatch(/\?ids=a&ids=b$/);
    expect(built("ListImageJobs", { ids: ["a", "b"] }, list("csv")).address).toMatch(/\?ids=a%2Cb$/);
  });

  it("proves whose it is as the definition says: in a header, in the query, or not at all", () => {
    const operation = definition.operation("GetImageJob");
    expect(definition.credentials(operation, "k")).toEqual({ headers: { "api-key": "k" }, query: {} });
    const inQuery = damagedDefinition((tree) =>
      put(tree["securityDefinitions"]!["apiKey"], { in: "query", name: "code" }),
    );
    expect(inQuery.credentials(inQuery.operation("GetImageJob"), "k")).toEqual({
      headers: {},
      query: { code: "k" },
    });
    const open = damagedDefinition((tree) => put(job(tree), { security: [] }));
    expect(open.credentials(open.operation("GetImageJob"), "k")).toEqual({ headers: {}, query: {} });
  });

  it("is told where to be called back in the one property that is made for it", () => {
    const withHook = damagedDefinition(aHook());
    expect(notificationField(withHook, withHook.operation("WhenSown"))).toBe("callbackUrl");
    expect(notificationField(withHook, withHook.operation("GenerateImage"))).toBeUndefined();
    const callbackUrl = "https://workflows.example/1";
    expect(buildRequest(withHook, "WhenSown", { body: { topic: "kites" } }, { callbackUrl }).body).toEqual({
      topic: "kites",
      callbackUrl,
    });
  });
});

describe("a designer refuses", () => {
  const hide: Defect = (tree) => put(firstParameter(jobs(tree)), { "x-ms-visibility": "internal" });

  it.each<[string, string, Inputs, string, Defect[]]>([
    ["a form without what is required", "GetImageJob", {}, "jobId is required", []],
    ["a body without what is required", "GenerateImage", { body: {} }, "required property 'prompt'", []],
    ["a field that isn't there", "GetImageJob", { jobId: "1", colour: "red" }, "colour is no field", []],
    [
      "a field of a body that isn't there",
      "GenerateImage",
      { body: { deployment: "d", prompt: "p", colour: "red" } },
      "/colour is not in the schema",
      [],
    ],
    ["a field that it doesn't show", "ListImageJobs", { status: "failed" }, "status is no field", [hide]],
    [
      "a field of a body that it doesn't show",
      "WhenSown",
      { body: { topic: "t", callbackUrl: "https://x" } },
      "/callbackUrl is not in the schema",
      [aHook()],
    ],
    ["a text for a number", "ListImageJobs", { limit: "many" }, "limit: it must be integer", []],
    ["a number out of range", "ListImageJobs", { limit: 1000 }, "limit: it must be <= 100", []],
    ["a text in no form", "ListImageJobs", { tag: "not a tag" }, "must match pattern", []],
    ["a choice that isn't offered", "ListImageJobs", { status: "lost" }, "must be equal to one of", []],
  ])("%s", (_, operationId, inputs, complaint, defects) => {
    expect(() => built(operationId, inputs, ...defects)).toThrow(complaint);
  });

  it("nothing that only a run knows", () => {
    const request = buildRequest(definition, "ListImageJobs", { limit: "many" }, { unchecked: true });
    expect(request.address).toBe("/api/connector/jobs?limit=many");
  });
});
