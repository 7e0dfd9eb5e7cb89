import { describe, expect, it } from "vitest";
import { checkBreakingChanges } from "../../../scripts/connector/check/breaking-changes.ts";
import {
  type Defect,
  damaged,
  expectCaught,
  generate,
  jobs,
  trigger,
  named,
  field,
  put,
  drop,
  firstParameter,
  listIn,
} from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";

/** Defects that other connectors really have, sown one at a time: each is caught, by the rule that is there for it. */

const definition = committed("apiDefinition.swagger.json");

describe("caught as breaking what users have", () => {
  it.each<[string, string, Defect]>([
    ["operation-removed", "an operation is gone", (d) => drop(d["paths"], "/jobs/{jobId}/cancel")],
    [
      "operation-moved",
      "an operation has another path",
      (d) => {
        d["paths"]!["/links/{imageId}"] = d["paths"]!["/images/{imageId}/link"]!;
        return drop(d["paths"], "/images/{imageId}/link");
      },
    ],
    ["hidden", "an operation is hidden", (d) => put(jobs(d), { "x-ms-visibility": "internal" })],
    ["trigger-changed", "a trigger is none any more", (d) => drop(trigger(d), "x-ms-trigger")],
    ["output-removed", "a field is gone", (d) => drop(named(d, "ResultImage")["properties"], "width")],
    [
      "output-type",
      "a field has another type",
      (d) => put(field(d, "ResultImage", "width"), { type: "string" }),
    ],
    ["output-optional", "a field may be missing", (d) => drop(named(d, "ImageResult"), "required")],
    ["response-removed", "an answer is gone", (d) => drop(generate(d)["responses"], "202")],
    [
      "input-removed",
      "a field is not taken",
      (d) => drop(named(d, "GenerateImageRequest")["properties"], "style"),
    ],
    [
      "input-required",
      "a field is asked for",
      (d) => listIn(named(d, "GenerateImageRequest"), "required").push("size"),
    ],
    ["input-required", "a parameter is asked for", (d) => put(firstParameter(jobs(d)), { required: true })],
    ["input-type", "a parameter has another type", (d) => put(firstParameter(jobs(d)), { type: "integer" })],
    ["input-narrowed", "fewer are taken", (d) => put(field(d, "GenerateImageRequest", "n"), { maximum: 4 })],
    [
      "choice-removed",
      "a choice is gone",
      (d) => listIn(field(d, "GenerateImageRequest", "size"), "enum").pop(),
    ],
    [
      "choices-added",
      "a text becomes a choice",
      (d) => put(field(d, "GenerateImageRequest", "user"), { enum: ["me"] }),
    ],
    [
      "security-changed",
      "keys go elsewhere",
      (d) => put(d["securityDefinitions"]!["apiKey"], { name: "x-api-key" }),
    ],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(`breaking:${rule}`, checkBreakingChanges(definition, damaged(definition, defect)));
  });

  it("and what only adds is no finding", () => {
    const more = damaged(definition, (d) => {
      put(named(d, "ImageResult")["properties"], { seed: { type: "integer" } });
      put(named(d, "GenerateImageRequest")["properties"], { seed: { type: "integer" } });
      return listIn(field(d, "GenerateImageRequest", "size"), "enum").push("2048x2048");
    });
    expect(checkBreakingChanges(definition, more)).toEqual([]);
  });
});
