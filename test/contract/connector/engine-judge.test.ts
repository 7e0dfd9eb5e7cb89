import { describe, expect, it } from "vitest";
import { at, type Defect, drop, field, generate, job, listIn, put } from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";
import { Definition } from "../../support/workflow/definition.ts";
import { judgeAnswer } from "../../support/workflow/judge.ts";
import { splitOf } from "../../support/workflow/polling-trigger.ts";
import { asJsonAnswer, damagedDefinition } from "../../support/workflow/negative-fixtures.ts";

/** The engine of test/host takes every answer to this judge: what it would let pass, nobody would notice. */

const definition = new Definition(committed("apiDefinition.swagger.json"));
const origin = "https://darkroom.example";
const poll = `${origin}/api/connector/jobs/job_1/result?expires=1&signature=s`;
const running = {
  jobId: "job_1",
  kind: "generation",
  prompt: "a kite",
  status: "running",
  createdOn: "2026-01-02T03:04:05.000Z",
  images: [],
  failures: [],
  progress: 0,
};
const link = { url: "https://pictures.example/1.png", expiresOn: "2026-01-02T03:04:05.000Z" };
const refusal = { error: { code: "notFound", message: "No.", retryable: false, requestId: "request-1" } };
const accepted = { location: poll, "retry-after": "5" };

const complaints = (operationId: string, answer: ReturnType<typeof asJsonAnswer>, of = definition) =>
  judgeAnswer(of, of.operation(operationId), answer);

describe("an answer that keeps its promises is let pass:", () => {
  it.each<[string, string, ReturnType<typeof asJsonAnswer>]>([
    ["a job that goes on", "GenerateImage", asJsonAnswer(202, running, accepted)],
    ["a result", "CreateImageLink", asJsonAnswer(200, link)],
    ["a refusal", "GetImageJob", asJsonAnswer(404, refusal)],
    [
      "nothing new",
      "WhenImagesAreCreated",
      asJsonAnswer(202, undefined, {
        location: `${origin}/api/connector/triggers/images?state=s&tag=t`,
        "retry-after": "15",
      }),
    ],
    ["what nobody could have foreseen", "GetImageJob", asJsonAnswer(500, { anything: true })],
  ])("%s", (_, operationId, answer) => {
    expect(complaints(operationId, answer)).toEqual([]);
  });
});

describe("an answer is told by", () => {
  it.each<[string, string, ReturnType<typeof asJsonAnswer>, string]>([
    [
      "a status that is not declared",
      "CreateImageLink",
      asJsonAnswer(202, link),
      "its status is not declared",
    ],
    [
      "a missing Location",
      "GenerateImage",
      asJsonAnswer(202, running, { "retry-after": "5" }),
      "nothing of where to go on",
    ],
    [
      "a relative Location",
      "GenerateImage",
      asJsonAnswer(202, running, { ...accepted, location: "/api/connector/jobs/1/result" }),
      "not absolute",
    ],
    [
      "a Location outside of the connector",
      "GenerateImage",
      asJsonAnswer(202, running, { ...accepted, location: `${origin}/api/jobs/job_1/result` }),
      "leads to no get operation",
    ],
    [
      "a Location with more than is declared",
      "GenerateImage",
      asJsonAnswer(202, running, { ...accepted, location: `${poll}&code=1` }),
      "GetImageJobResult declares no code",
    ],
    [
      "a missing Retry-After",
      "GenerateImage",
      asJsonAnswer(202, running, { location: poll }),
      "it has no Retry-After",
    ],
    [
      "a Retry-After that is a date",
      "GenerateImage",
      asJsonAnswer(202, running, { ...accepted, "retry-after": "Sat, 21 Nov 2026 18:00:00 GMT" }),
      "not in whole seconds",
    ],
    [
      "a header that is declared and not there",
      "GenerateImage",
      asJsonAnswer(429, refusal),
      "it has no Retry-After",
    ],
    [
      "a field of a wrong type",
      "GenerateImage",
      asJsonAnswer(202, { ...running, progress: "none" }, accepted),
      "/progress must be number",
    ],
    [
      "a field that is missing",
      "CreateImageLink",
      asJsonAnswer(200, { url: link.url }),
      "required property 'expiresOn'",
    ],
    [
      "a field that is null",
      "CreateImageLink",
      asJsonAnswer(200, { ...link, expiresOn: null }),
      "/expiresOn must be string",
    ],
    [
      "a time that is none",
      "CreateImageLink",
      asJsonAnswer(200, { ...link, expiresOn: "soon" }),
      'must match format "date-time"',
    ],
    [
      "a field that nobody would be shown",
      "CreateImageLink",
      asJsonAnswer(200, { ...link, blob: "1.png" }),
      "/blob is not in the schema",
    ],
    [
      "such a field further inside",
      "GetImageJob",
      asJsonAnswer(200, { ...running, failures: [{ index: 0, code: "internal", message: "No.", slot: 1 }] }),
      "/failures/0/slot is not in the schema",
    ],
    [
      "an error in other words",
      "GetImageJob",
      asJsonAnswer(404, { message: "no" }),
      "required property 'error'",
    ],
    [
      "a body that is not JSON",
      "CreateImageLink",
      asJsonAnswer(200, link, { "content-type": "text/html" }),
      "not sent as JSON",
    ],
    ["a body where none is declared", "DeleteImageJob", asJsonAnswer(204, {}), "its body is not declared"],
    ["JSON in place of a file", "GetImageContent", asJsonAnswer(200, {}), "it is not a file"],
  ])("%s", (_, operationId, answer, complaint) => {
    expect(complaints(operationId, answer).join("\n")).toContain(complaint);
  });
});

describe("a definition that lost something is told by sound answers:", () => {
  it.each<[string, Defect, string, ReturnType<typeof asJsonAnswer>]>([
    ["a status", (tree) => drop(job(tree)["responses"], "404"), "GetImageJob", asJsonAnswer(404, refusal)],
    [
      "the operation of polls",
      (tree) => drop(tree["paths"], "/jobs/{jobId}/result"),
      "GenerateImage",
      asJsonAnswer(202, running, accepted),
    ],
    [
      "a parameter of polls",
      (tree) => listIn(at(tree, "/jobs/{jobId}/result", "get"), "parameters").pop(),
      "GenerateImage",
      asJsonAnswer(202, running, accepted),
    ],
    [
      "a field's type",
      (tree) => put(field(tree, "ImageLink", "url"), { type: "object" }),
      "CreateImageLink",
      asJsonAnswer(200, link),
    ],
    [
      "a field",
      (tree) => drop(tree["definitions"]!["ImageLink"]!["properties"], "url"),
      "CreateImageLink",
      asJsonAnswer(200, link),
    ],
    [
      "its base path",
      (tree) => put(tree, { basePath: "/api/other" }),
      "GenerateImage",
      asJsonAnswer(202, running, accepted),
    ],
  ])("%s", (_, defect, operationId, answer) => {
    const damaged = damagedDefinition(defect);
    expect(complaints(operationId, answer)).toEqual([]);
    expect(complaints(operationId, answer, damaged)).not.toEqual([]);
  });

  it("what the platform asks for, whether or not it is declared", () => {
    const damaged = damagedDefinition((tree) => drop(generate(tree)["responses"]!["202"], "headers"));
    const found = complaints("GenerateImage", asJsonAnswer(202, running), damaged);
    expect(found).toEqual(["it says nothing of where to go on", "it doesn't say when to ask again"]);
  });

  it("a trigger's one list, when a second one is shown", () => {
    const body = { value: [running] };
    const more = { type: "array", items: { type: "string" } };
    const splitWith = (properties: object) => {
      const damaged = damagedDefinition((tree) =>
        put(tree["definitions"]!["CreatedImages"]!["properties"], properties),
      );
      return splitOf(damaged, damaged.operation("WhenImagesAreCreated"), body);
    };
    expect(splitWith({ more: { ...more, "x-ms-visibility": "internal" } })).toEqual([running]);
    expect(() => splitWith({ more })).toThrow("can't be split");
  });
});
