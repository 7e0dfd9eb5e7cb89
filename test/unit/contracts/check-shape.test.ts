import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { checkShape } from "../../../src/contracts/check-shape.ts";
import { editImageBody, generateImageBody } from "../../../src/connector/contracts/requests.ts";
import {
  editRequest,
  editParams,
  generationRequest,
  sidecar,
  uploadRequest,
} from "../../../src/contracts/requests.ts";
import { AppError } from "../../../src/domain/app-error.ts";

/** What is refused, as "param: message". */
function refusalOf(value: unknown, schema: Parameters<typeof checkShape>[1], whole?: string): string[] {
  try {
    checkShape(value, schema, whole);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.violations.map(({ param, message }) => `${param}: ${message}`);
  }
}

const upload = { upload_id: "upl_x" };
const sources = "upload_id, url, b64_json, job_id, index, input";

describe("what is null", () => {
  it.each([
    ["a field", generationRequest, { prompt: "a", n: null }, { prompt: "a" }],
    [
      "a value of a record",
      generationRequest,
      { prompt: "a", metadata: { a: "b", c: null } },
      { prompt: "a", metadata: { a: "b" } },
    ],
    [
      "an entry of a list",
      generationRequest,
      { prompt: "a", tags: ["x", null] },
      { prompt: "a", tags: ["x"] },
    ],
    [
      "a field of an entry",
      editRequest,
      { prompt: "a", images: [{ url: null, ...upload }] },
      { prompt: "a", images: [upload] },
    ],
    [
      "a field of an object",
      editRequest,
      { prompt: "a", images: [upload], mask: { ...upload, b64_json: null } },
      { prompt: "a", images: [upload], mask: upload },
    ],
    ["a mask", editRequest, { prompt: "a", images: [upload], mask: null }, { prompt: "a", images: [upload] }],
    [
      "a field of a nested request",
      uploadRequest,
      { on_complete: { prompt: "a", size: null, metadata: { x: null } }, expects: null },
      { on_complete: { prompt: "a", metadata: {} } },
    ],
    ["an unknown field", generationRequest, { prompt: "a", colour: null }, { prompt: "a" }],
    [
      "a field of an action's parameters",
      generateImageBody,
      { prompt: "a", modelParameters: { style: null, quality: "hd" } },
      { prompt: "a", modelParameters: { quality: "hd" } },
    ],
    [
      "an action's picture by the other way",
      editImageBody,
      { prompt: "a", images: [{ name: null, url: null, contentBytes: "eA==" }] },
      { prompt: "a", images: [{ contentBytes: "eA==" }] },
    ],
  ] as const)("counts as absent: %s", (_what, schema, value, meant) => {
    const shape: z.ZodObject = schema;
    expect(checkShape(value, shape)).toEqual(meant);
  });

  it("is no value of a field that is required", () => {
    expect(refusalOf({ prompt: null }, generationRequest)).toEqual(["prompt: prompt is required."]);
    expect(refusalOf({ prompt: "a", images: [null] }, editRequest)).toEqual([
      "images: images must be at least 1 entries long.",
    ]);
    expect(refusalOf({ prompt: "a", images: [{ url: null }] }, editRequest)).toHaveLength(1);
  });
});

describe("a mistake inside an entry of images", () => {
  it.each([
    [{ images: [{}] }, "images.0: images.0: give exactly one of upload_id, url, b64_json and job_id."],
    [
      { images: [upload, { ...upload, url: "https://x.example" }] },
      "images.1: images.1: give exactly one of upload_id, url, b64_json and job_id.",
    ],
    [
      { images: [{ ...upload, file: "x" }] },
      `images.0.file: images.0.file is not a known field. Known fields: ${sources}.`,
    ],
    [
      { images: [upload], mask: { ...upload, b64: "x" } },
      `mask.b64: mask.b64 is not a known field. Known fields: ${sources}.`,
    ],
    [
      { images: [upload, { upload_id: "x".repeat(65) }] },
      "images.1.upload_id: images.1.upload_id must be at most 64 characters long.",
    ],
    [
      { images: [{ url: `https://${"x".repeat(2_048)}` }] },
      "images.0.url: images.0.url must be at most 2048 characters long.",
    ],
    [{ images: [upload, "cat.png"] }, "images.1: images.1 must be an object."],
    [{ images: [] }, "images: images must be at least 1 entries long."],
    [{ images: Array.from({ length: 17 }, () => upload) }, "images: images must be at most 16 entries long."],
    [{ images: upload }, "images: images must be an array."],
    [{}, "images: images is required."],
  ])("as in %.60j is told by its place, in the entry's own words", (fields, refusal) => {
    expect(refusalOf({ prompt: "a cat", ...fields }, editRequest)).toEqual([refusal]);
  });

  it("names the entry's own fields as those that are allowed", () => {
    expect(() => checkShape({ prompt: "a", images: [{ ...upload, b64: "x" }] }, editRequest)).toThrow(
      expect.objectContaining({
        violations: [
          expect.objectContaining({ allowed: ["upload_id", "url", "b64_json", "job_id", "index", "input"] }),
        ],
      }),
    );
  });
});

describe("a sidecar's image", () => {
  it.each([
    [undefined, "image: image is required."],
    [7, "image: image must be a string or an array."],
    [["a.png", 7], "image.1: image.1 must be a string."],
    [[], "image: image must be at least 1 entries long."],
    [Array.from({ length: 17 }, () => "a.png"), "image: image must be at most 16 entries long."],
    ["", "image: image must be at least 1 characters long."],
    ["x".repeat(1_025), "image: image must be at most 1024 characters long."],
    [["a.png", "x".repeat(1_025)], "image.1: image.1 must be at most 1024 characters long."],
  ])("as %.30j is refused in words that name the limit", (image, refusal) => {
    expect(refusalOf({ prompt: "a cat", image }, sidecar)).toEqual([refusal]);
  });

  it.each(["a.png", ["a.png"], Array.from({ length: 16 }, () => "a.png")])("may be %.30j", (image) => {
    expect(refusalOf({ prompt: "a cat", image }, sidecar)).toEqual([]);
  });
});

describe("what an upload asks", () => {
  it.each([
    [{ expects: ["mask", "mask"] }, "expects: expects: expects at most one mask."],
    [{ expects: Array.from({ length: 17 }, () => "image") }, "expects: expects: expects at most 16 images."],
    [
      { expects: Array.from({ length: 18 }, () => "image") },
      "expects: expects must be at most 17 entries long.",
    ],
    [{ expects: [] }, "expects: expects must be at least 1 entries long."],
    [{ expects: ["video"] }, "expects.0: expects.0 must be one of: image, mask."],
    [
      { expects: ["mask"], on_complete: { prompt: "a cat" } },
      "expects: expects: on_complete needs an image to edit: expects must name one.",
    ],
    [{ on_complete: {} }, "on_complete.prompt: on_complete.prompt is required."],
    [{ on_complete: 7 }, "on_complete: on_complete must be an object."],
    [{ on_complete: { prompt: "a cat", n: 11 } }, "on_complete.n: on_complete.n must be at most 10."],
  ])("is refused by its place: %.60j", (body, refusal) => {
    expect(refusalOf(body, uploadRequest)).toEqual([refusal]);
  });

  it("knows the edit's own fields inside on_complete", () => {
    const [refusal] = refusalOf({ on_complete: { prompt: "a cat", images: [] } }, uploadRequest);
    expect(refusal).toMatch(/^on_complete\.images: .* Known fields: model, .*, mask_invert\.$/);
  });

  it("may be a mask alone, for an edit that comes later", () => {
    expect(refusalOf({ expects: ["mask"] }, uploadRequest)).toEqual([]);
  });
});

it("the thing itself is called what it is", () => {
  expect(refusalOf([], sidecar, "sidecar")).toEqual(["sidecar: The sidecar must be a JSON object."]);
  expect(refusalOf("x", editRequest)).toEqual(["body: The body must be a JSON object."]);
});

it("truth and choice are told in plain words", () => {
  expect(refusalOf({ prompt: "a cat", mask_invert: "yes", mask_mode: "stretch" }, editParams).sort()).toEqual(
    [
      "mask_invert: mask_invert must be true or false.",
      "mask_mode: mask_mode must be one of: strict, resize.",
    ],
  );
});

it("a text in place of a list is told once, as what it is", () => {
  const imageParams = { prompt: "a cat", webhook_events: "job.failed", tags: "much too long" };
  expect(refusalOf(imageParams, editParams).sort()).toEqual([
    "tags: tags must be an array.",
    "webhook_events: webhook_events must be an array.",
  ]);
});
