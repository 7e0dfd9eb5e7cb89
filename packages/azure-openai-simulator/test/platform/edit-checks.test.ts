import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { editPath, file, formOf, input, mask, plain, post, sha256, type Field } from "./edit-support.ts";
import { aPrompt, simulate } from "./support.ts";

const small = { width: 64, height: 64 };
const picture = await plain("teal", small);
const large = await input();
const largeMask = await mask();
const gif = await input("gif", small);
const webp = await input("webp", small);
const jpeg = await input("jpeg", small);
const deep = await sharp(picture).toColourspace("rgb16").png().toBuffer();
const cmyk = await sharp(picture).toColourspace("cmyk").jpeg().toBuffer();
const heavy = Buffer.concat([picture, Buffer.alloc(50 * 1024 * 1024 - picture.length)]);
const opaqueMask = file(await plain("white"));
const cut = large.subarray(0, 20_000);
const many = Array.from({ length: 17 }, (): Field => ["image[]", file(picture)]);

describe("an edit the model cannot run is a 400 that names the part", () => {
  it.each<[string, Field[], string | null, string]>([
    ["an unknown field", [["colour", "red"]], "colour", "unknown_parameter"],
    ["an indexed image", [["image[0]", file(picture)]], "image[0]", "unknown_parameter"],
    ["moderation", [["moderation", "low"]], "moderation", "unknown_parameter"],
    ["response_format", [["response_format", "b64_json"]], "response_format", "unknown_parameter"],
    [
      "two sizes",
      [
        ["size", "auto"],
        ["size", "auto"],
      ],
      "size",
      "duplicate_parameter",
    ],
    ["an image that is text", [["image", "picture"]], "image", "invalid_type"],
    ["a mask that is text", [["mask", "mask"]], "mask", "invalid_type"],
    ["a prompt that is a file", [["prompt", file(picture)]], "prompt", "invalid_type"],
    ["seventeen images", many, "image", "array_above_max_length"],
    ["an untyped image", [["image", file(picture, "")]], "image", "unsupported_file_mimetype"],
    ["a GIF", [["image[]", file(gif, "image/gif")]], "image[0]", "unsupported_file_mimetype"],
    ["WebP", [["image", file(webp, "image/webp")]], "image", "unsupported_file_mimetype"],
    ["a GIF called PNG", [["image", file(gif)]], "image", "invalid_image_file"],
    ["bytes that are no image", [["image", file(Buffer.from("hello"))]], "image", "invalid_image_file"],
    ["an empty image", [["image", file(Buffer.alloc(0))]], "image", "invalid_image_file"],
    ["an image cut short", [["image", file(cut)]], "image", "invalid_image_file"],
    ["50 MB", [["image", file(heavy)]], "image", "file_too_large"],
    [
      "a mask without alpha",
      [
        ["image", file(large)],
        ["mask", opaqueMask],
      ],
      "mask",
      "invalid_mask_image_format",
    ],
    ["a mask of another size", [["mask", file(largeMask)]], "mask", "invalid_mask_image_format"],
    ["a JPEG mask", [["mask", file(jpeg, "image/jpeg")]], "mask", "invalid_mask_image_format"],
    ["an empty prompt", [["prompt", ""]], "prompt", "string_below_min_length"],
    ["n=0", [["n", "0"]], "n", "integer_below_min_value"],
    ["n=11", [["n", "11"]], "n", "integer_above_max_value"],
    ["n=1.5", [["n", "1.5"]], "n", "invalid_type"],
    ["n=two", [["n", "two"]], "n", "invalid_type"],
    ["size", [["size", "512x512"]], "size", "invalid_value"],
    ["quality", [["quality", "hd"]], "quality", "invalid_value"],
    ["output_format", [["output_format", "webp"]], "output_format", "invalid_value"],
    ["output_compression", [["output_compression", "101"]], "output_compression", "integer_above_max_value"],
    ["background", [["background", "red"]], "background", "invalid_value"],
    ["input_fidelity", [["input_fidelity", "medium"]], "input_fidelity", "invalid_value"],
    ["stream", [["stream", "yes"]], "stream", "invalid_type"],
    ["partial_images", [["partial_images", "4"]], "partial_images", "integer_above_max_value"],
    ["partial_images=some", [["partial_images", "some"]], "partial_images", "invalid_type"],
  ])("%s", async (_what, fields, param, code) => {
    const simulated = await simulate();
    const answer = await post(simulated, await formOf(...fields));
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code, param, type: "invalid_request_error" } },
    });
    expect((await simulated.ledger()).totals.images_billed).toBe(0);
  });

  it.each(["image", "prompt"])("without %s", async (param) => {
    const simulated = await simulate();
    const form = await formOf();
    form.delete(param);
    const error = { code: "missing_required_parameter", param };
    expect(await post(simulated, form)).toMatchObject({ status: 400, body: { error } });
  });

  it("input_fidelity is nothing the mini model knows", async () => {
    const simulated = await simulate();
    const path = editPath.replace("gpt-image", "gpt-image-1-mini");
    const error = { code: "invalid_input_fidelity_model", param: "input_fidelity" };
    const answer = await post(simulated, await formOf(["input_fidelity", "low"]), { path });
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });
});

describe("a body that is no form", () => {
  const whole = `--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nAn otter\r\n`;
  it.each([
    [
      "application/json",
      JSON.stringify({ prompt: "An otter" }),
      "unsupported_content_type",
      "application/json",
    ],
    ["text/plain", "hello", "unsupported_content_type", "text/plain"],
    ["multipart/mixed; boundary=b", `${whole}--b--\r\n`, "unsupported_content_type", "multipart/mixed"],
    ["multipart/form-data", `${whole}--b--\r\n`, null, "no boundary"],
    ["multipart/form-data; boundary=b", whole, null, "malformed"],
    ["multipart/form-data; boundary=b", "", null, "malformed"],
    ["multipart/form-data; boundary=other", `${whole}--b--\r\n`, null, "malformed"],
    ["multipart/form-data; boundary=b", whole.replace('; name="prompt"', ""), null, "malformed"],
  ])("%s %j is %s: %s", async (type, body, code, words) => {
    const simulated = await simulate();
    const answer = await post(simulated, body, { headers: { "content-type": type } });
    const message = expect.stringContaining(words) as string;
    expect(answer).toMatchObject({ status: 400, body: { error: { code, message, param: null } } });
  });
});

describe("an edit the model can run passes", () => {
  it.each<[string, Field[]]>([
    [
      "every field",
      [
        ["model", "gpt-image-1"],
        ["n", "1"],
        ["size", "1024x1024"],
        ["quality", "low"],
        ["background", "opaque"],
        ["output_format", "jpeg"],
        ["output_compression", "80"],
        ["input_fidelity", "low"],
        ["user", "u"],
        ["stream", "false"],
        ["partial_images", "0"],
      ],
    ],
    [
      "sixteen images in every spelling",
      [...many.slice(0, 14), ["image", file(picture)], ["image", file(picture)]],
    ],
    ["a JPEG called PNG", [["image", file(jpeg)]]],
    ["16 bits a channel", [["image", file(deep)]]],
    ["CMYK", [["image", file(cmyk, "image/jpeg")]]],
    [
      "an untyped mask",
      [
        ["image", file(large)],
        ["mask", file(largeMask, "")],
      ],
    ],
    ["just under 50 MB", [["image", file(heavy.subarray(0, -1))]]],
    ["a prompt of many letters", [["prompt", "😀".repeat(32_000)]]],
  ])("%s", async (_what, fields) => {
    const simulated = await simulate();
    expect((await post(simulated, await formOf(...fields))).status).toBe(200);
  });

  it("and so do parts in odd, raw spellings", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const body = Buffer.concat([
      Buffer.from(`a preamble\r\n--'=_\r\nContent-Disposition: form-data; name=prompt\r\n\r\n${prompt}\r\n`),
      Buffer.from(
        `--'=_\r\ncontent-type: image/png\r\nCONTENT-DISPOSITION: Form-Data; filename="blob"; name="image"\r\n\r\n`,
      ),
      picture,
      Buffer.from(`\r\n--'=_--\r\nan epilogue`),
    ]);
    const headers = { "content-type": `Multipart/Form-Data; charset=utf-8; boundary="'=_"` };
    expect((await post(simulated, body, { headers })).status).toBe(200);
    const parts = [{ name: "prompt" }, { name: "image", file_name: "blob", sha256: sha256(picture) }];
    expect((await simulated.ledger(prompt)).calls).toMatchObject([{ input_images: 1, mask: false, parts }]);
  });
});
