import { describe, expect, it } from "vitest";
import { checkBreakingChanges } from "../../../scripts/connector/check/breaking-changes.ts";
import * as sow from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";

const definition = committed("apiDefinition.swagger.json");

describe("caught as breaking what users have", () => {
  sow.catches("breaking", (changed) => checkBreakingChanges(definition, changed), [
    ["operation-removed", "an operation is gone", (d) => sow.drop(d["paths"], "/jobs/{jobId}/cancel")],
    [
      "operation-moved",
      "an operation has another path",
      (d) => sow.move(d["paths"], "/images/{imageId}/link", "/links/{imageId}"),
    ],
    ["hidden", "an operation is hidden", (d) => sow.put(sow.jobs(d), { "x-ms-visibility": "internal" })],
    ["trigger-changed", "a trigger is none any more", (d) => sow.drop(sow.trigger(d), "x-ms-trigger")],
    [
      "output-removed",
      "a field is gone",
      (d) => sow.drop(sow.named(d, "ResultImage")["properties"], "width"),
    ],
    [
      "output-type",
      "a field has another type",
      (d) => sow.put(sow.field(d, "ResultImage", "width"), { type: "string" }),
    ],
    ["output-optional", "a field may be missing", (d) => sow.drop(sow.named(d, "ImageResult"), "required")],
    ["response-removed", "an answer is gone", (d) => sow.drop(sow.generate(d)["responses"], "202")],
    [
      "input-removed",
      "a field is not taken",
      (d) => sow.drop(sow.named(d, "GenerateImageRequest")["properties"], "style"),
    ],
    [
      "input-required",
      "a field is asked for",
      (d) => sow.listIn(sow.named(d, "GenerateImageRequest"), "required").push("size"),
    ],
    [
      "input-required",
      "a parameter is asked for",
      (d) => sow.put(sow.firstParameter(sow.jobs(d)), { required: true }),
    ],
    [
      "input-type",
      "a parameter has another type",
      (d) => sow.put(sow.firstParameter(sow.jobs(d)), { type: "integer" }),
    ],
    [
      "input-narrowed",
      "fewer are taken",
      (d) => sow.put(sow.field(d, "GenerateImageRequest", "n"), { maximum: 4 }),
    ],
    [
      "choice-removed",
      "a choice is gone",
      (d) => sow.listIn(sow.field(d, "GenerateImageRequest", "promptMode"), "enum").pop(),
    ],
    [
      "choices-added",
      "a text becomes a choice",
      (d) => sow.put(sow.field(d, "GenerateImageRequest", "user"), { enum: ["me"] }),
    ],
    [
      "notification-removed",
      "a callback tells nothing",
      (d) => sow.drop(d["paths"]!["/hooks/images"], "x-ms-notification-content"),
    ],
    [
      "output-removed",
      "a callback tells less",
      (d) => sow.drop(sow.named(d, "ImageOutcome")["properties"], "error"),
    ],
    ["security-changed", "the way out asks for a key", (d) => sow.drop(sow.exit(d), "security")],
    [
      "security-changed",
      "keys go elsewhere",
      (d) => sow.put(d["securityDefinitions"]!["apiKey"], { name: "x-api-key" }),
    ],
  ]);

  it("and what only adds is no finding", () => {
    const more = sow.damaged(definition, (d) => {
      sow.put(sow.named(d, "ImageResult")["properties"], { seed: { type: "integer" } });
      sow.put(sow.named(d, "GenerateImageRequest")["properties"], { seed: { type: "integer" } });
      sow.listIn(sow.field(d, "GenerateImageRequest", "promptMode"), "enum").push("loud");
      d["paths"]!["/images/{imageId}/thumbnail"] = structuredClone(d["paths"]!["/images/{imageId}/content"]!);
      sow.put(sow.at(d, "/images/{imageId}/thumbnail", "get"), { operationId: "GetThumbnail" });
    });
    expect(checkBreakingChanges(definition, more)).toEqual([]);
  });
});
