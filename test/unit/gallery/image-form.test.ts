import { describe, expect, it } from "vitest";
import { editRequest, generationRequest } from "../../../src/contracts/requests.ts";
import {
  againOf,
  bodyOf,
  choicesOf,
  chosen,
  emptyForm,
  formOf,
  sizesOf,
} from "../../../gallery/model/image-form.ts";
import { aPageModel } from "../../support/page-jobs.ts";

const dalle = aPageModel({
  qualities: ["standard", "hd"],
  styles: ["vivid", "natural"],
  defaults: { size: "1024x1024", quality: "standard", style: "vivid" },
});
const gpt = aPageModel({
  model: "gpt-image-1",
  sizes: ["1024x1024", "auto"],
  qualities: ["low", "high"],
  moderations: ["auto", "low"],
  output_formats: ["png", "jpeg"],
  input_fidelities: ["low", "high"],
  streaming: true,
  edits: true,
  edit_limits: {
    images: 16,
    input_types: ["image/png"],
    converted_types: [],
    image_bytes: 1,
    mask_bytes: 1,
    default_size: "auto",
  },
  defaults: { size: "1024x1024", quality: "high", output_format: "png" },
});
const form = { ...emptyForm, prompt: "a cat", partials: false };

describe("the form", () => {
  it("offers what the model knows, and nothing else", () => {
    expect(choicesOf(dalle, "style")).toEqual(["vivid", "natural"]);
    expect(choicesOf(gpt, "style")).toEqual([]);
    expect([choicesOf(gpt, "moderation"), choicesOf(gpt, "moderation", true)]).toEqual([["auto", "low"], []]);
    expect([choicesOf(gpt, "input_fidelity"), choicesOf(gpt, "input_fidelity", true)]).toEqual([
      [],
      ["low", "high"],
    ]);
  });

  it("tells listed sizes from a rule for them", () => {
    expect(sizesOf(dalle)).toEqual({ sizes: ["1024x1024", "1792x1024"] });
    const rule = "WIDTHxHEIGHT, both divisible by 16";
    expect(sizesOf(aPageModel({ sizes: ["auto", rule] }))).toEqual({ sizes: ["auto"], rule });
    expect(sizesOf(aPageModel({ sizes: [] })).rule).toBeDefined();
  });

  it("falls back to the model's own value where the chosen one is unknown to it", () => {
    const odd = { ...form, size: "7x7", quality: "hd" };
    expect([chosen(odd, gpt, "size"), chosen(odd, gpt, "quality"), chosen(odd, dalle, "quality")]).toEqual([
      "1024x1024",
      "high",
      "hd",
    ]);
    expect(chosen(odd, gpt, "size", true)).toBe("auto");
    expect(chosen(odd, { ...gpt, moderations: ["low", "auto"] }, "moderation")).toBe("auto");
    expect(chosen(odd, aPageModel({ sizes: ["any that is divisible by 7"] }), "size")).toBe("7x7");
  });
});

describe("the body", () => {
  it("holds nothing that the model doesn't know", () => {
    const full = {
      ...form,
      n: 99,
      quality: "hd",
      style: "natural",
      background: "opaque",
      as_is: true,
      tags: "a, b c",
    };
    expect(bodyOf(full, dalle)).toEqual({
      model: "dall-e-3",
      prompt: "a cat",
      n: 10,
      size: "1024x1024",
      quality: "hd",
      style: "natural",
      prompt_mode: "as_is",
      tags: ["a", "b", "c"],
    });
    expect(bodyOf(full, gpt)).not.toHaveProperty("style");
    expect(bodyOf(full, gpt)).not.toHaveProperty("prompt_mode");
  });

  it("asks for partial images where the model streams, and for compression where the format knows it", () => {
    const watching = { ...form, partials: true, output_compression: "50" };
    expect(bodyOf(watching, gpt)).toMatchObject({ stream: true, partial_images: 2 });
    expect(bodyOf(watching, dalle)).not.toHaveProperty("stream");
    expect(bodyOf(watching, gpt)).not.toHaveProperty("output_compression");
    expect(bodyOf({ ...watching, output_format: "jpeg" }, gpt)).toHaveProperty("output_compression", 50);
  });

  it("is one that the app takes", () => {
    const full = { ...form, quality: "hd", style: "vivid", tags: "demo", as_is: true };
    expect(generationRequest.safeParse(bodyOf(full, dalle)).success).toBe(true);
  });
});

it("a request is made again with all that was asked, and nothing that the job adds", () => {
  const request = { prompt: "a cat", n: 2, size: "1024x1024", images: [{}], prompt_mode: "as_is" };
  const again = againOf({ model: "dall-e-3", request, tags: ["demo"] });
  expect(again).toEqual({
    model: "dall-e-3",
    prompt: "a cat",
    n: 2,
    size: "1024x1024",
    prompt_mode: "as_is",
    tags: ["demo"],
  });
  expect(generationRequest.safeParse(again).success).toBe(true);
});

it("an edit is made again with the pictures and the mask that it began with", () => {
  const request = { prompt: "a hat", size: "auto", images: [{}, {}], mask: {} };
  const metadata = { "gallery.source": "job_b/0" };
  const again = againOf({ id: "job_a", kind: "edit", model: "gpt-image-1", request, metadata });
  expect(editRequest.parse(again)).toMatchObject({
    model: "gpt-image-1",
    images: [
      { job_id: "job_a", input: 0 },
      { job_id: "job_a", input: 1 },
    ],
    mask: { job_id: "job_a", input: "mask" },
    metadata,
  });
});

it("a job's settings are those of the form again, so that only words need changing", () => {
  const asked = {
    ...form,
    model: "dall-e-3",
    n: 3,
    size: "1792x1024",
    quality: "hd",
    style: "natural",
    tags: "a b",
  };
  const { tags, ...request } = bodyOf(asked, dalle) as { tags: string[] };
  expect(bodyOf(formOf({ model: "dall-e-3", request, tags }), dalle)).toEqual({ tags, ...request });
  expect(formOf({ request: { prompt: "a cat", size: 7 } })).toMatchObject({
    prompt: "a cat",
    size: "",
    n: 1,
  });
});
