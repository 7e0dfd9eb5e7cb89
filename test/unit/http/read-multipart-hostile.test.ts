import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/domain/app-error.ts";
import {
  arriving,
  boundary,
  contentOf,
  file,
  form,
  formType,
  named,
  part,
  text,
} from "../../support/multipart.ts";

/** Odd and hostile bodies, each under what becomes of it, whatever the pieces in which it arrives. */

const cat = text("prompt", "a cat");
const bytes = (...parts: (string | Uint8Array)[]) => Buffer.concat(parts.map((each) => Buffer.from(each)));
const start = `--${boundary}\r\n`;
const end = `--${boundary}--\r\n`;
const bareLf = (body: Buffer) => Buffer.from(body.toString("latin1").replaceAll("\r\n", "\n"), "latin1");

async function outcome(body: Uint8Array, type: string, chunk: number): Promise<unknown> {
  try {
    return await contentOf(arriving(body, { type, chunk }).request);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.code, error.detail, error.violations[0]?.param];
  }
}

/** What comes of it in one piece, having checked that it is the same in small ones. */
async function become(body: Uint8Array, type = formType): Promise<unknown> {
  const whole = await outcome(body, type, Math.max(1, body.length));
  for (const chunk of body.length < 5000 ? [1, 7] : [997])
    expect(await outcome(body, type, chunk)).toEqual(whole);
  return whole;
}

describe("a type", () => {
  it.each([
    "",
    "application/json",
    "text/plain",
    `multipart/mixed; boundary=${boundary}`,
    `multipart/form-datax; boundary=${boundary}`,
    `form-data; boundary=${boundary}`,
    "application/x-www-form-urlencoded",
    `text/html, multipart/form-data; boundary=${boundary}`,
  ])("%j is unsupported", async (type) => {
    expect(await become(form(cat), type)).toMatchObject(["unsupportedMedia", expect.anything(), undefined]);
  });

  it.each([
    ["multipart/form-data", "no boundary"],
    ["multipart/form-data;", "no boundary"],
    ["multipart/form-data; charset=utf-8", "no boundary"],
    ["multipart/form-data; boundary", "no boundary"],
    [`multipart/form-data; xboundary=${boundary}`, "no boundary"],
    [`multipart/form-data; boundary*=utf-8''${boundary}`, "no boundary"],
    [`multipart/form-data; boundary=${boundary}; boundary=${boundary}`, "no boundary"],
    [`multipart/form-data; boundary=a; boundary=${boundary}`, "no boundary"],
    [`multipart/form-data; boundary=${boundary}, multipart/form-data; boundary=b`, "no boundary"],
    [`multipart/form-data; boundary="${boundary}`, "no boundary"],
    [`multipart/form-data; boundary="${boundary}"x`, "no boundary"],
    [`multipart/form-data; boundary=a b`, "no boundary"],
    [`multipart/form-data, boundary=${boundary}`, "multipart/form-data"],
    ["multipart/form-data; boundary=", "visible ASCII"],
    [`multipart/form-data; boundary=""`, "visible ASCII"],
    [`multipart/form-data; boundary="a "`, "visible ASCII"],
    [`multipart/form-data; boundary=" "`, "visible ASCII"],
    [`multipart/form-data; boundary=bänder`, "visible ASCII"],
    [`multipart/form-data; boundary="a\tb"`, "visible ASCII"],
    [`multipart/form-data; boundary=${"b".repeat(71)}`, "1 to 70"],
    [`multipart/form-data; boundary=${"b".repeat(10_000)}`, "1 to 70"],
  ])("%.90j is refused: %s", async (type, why) => {
    const [, detail] = (await become(form(cat), type)) as string[];
    expect(detail).toContain(why);
  });

  it.each([
    ["multipart/form-data; boundary=%", "b"],
    [`multipart/form-data; boundary="%"`, "b"],
    ["MULTIPART/FORM-DATA; BOUNDARY=%", "b"],
    ["multipart/form-data;boundary=%;", "b"],
    ["multipart/form-data ; charset=utf-8 ; boundary = % ", "b"],
    [`multipart/form-data; x="boundary=no; a"; boundary=%`, "b"],
    ["multipart/form-data; boundary=%", "b".repeat(70)],
    ["multipart/form-data; boundary=%", "*****"],
    ["multipart/form-data; boundary=%", "-"],
    ["multipart/form-data; boundary=%", "----WebKitFormBoundaryx'()+_,./:=?"],
    [`multipart/form-data; boundary="%"`, "a b; c=d"],
    [`multipart/form-data; boundary="a\\"b"`, `a"b`],
  ])("%j is read, with %.20j for %%", async (type, mark) => {
    const body = Buffer.from(form(cat).toString("latin1").replaceAll(boundary, mark), "latin1");
    expect(await become(body, type.replace("%", mark))).toEqual({ fields: { prompt: "a cat" }, images: [] });
  });
});

describe("a body", () => {
  it.each([
    ["empty", "", "is empty"],
    ["of no boundary", "a cat", "ends before"],
    ["of line ends", "\r\n".repeat(500), "ends before"],
    ["of zeros", Buffer.alloc(2000), "ends before"],
    ["of dashes", "-".repeat(3000), "ends before"],
    ["of JSON", `{"prompt":"a cat"}`, "ends before"],
    ["of another boundary", form(cat).toString("latin1").replaceAll(boundary, "----other"), "ends before"],
    [
      "of the boundary in other case",
      form(cat).toString("latin1").replaceAll("darkroom", "DARKROOM"),
      "ends before",
    ],
    [
      "of the boundary without its dashes",
      `${boundary}\r\n${named("a")}\r\n\r\nx\r\n${boundary}--`,
      "ends before",
    ],
    ["of one boundary and no more", start, "ends before"],
    ["of the start boundary's half", start.slice(0, 6), "ends before"],
    ["cut in a header", bytes(start, named("prompt")), "ends before"],
    ["cut behind the headers", bytes(start, named("prompt"), "\r\n\r\n"), "ends before"],
    ["cut in a text", bytes(start, named("prompt"), "\r\n\r\na c"), "ends before"],
    ["cut in a file", bytes(start, file("image", "abc")), "ends before"],
    ["cut between parts", form(cat).subarray(0, -4), "ends before"],
    ["cut in the end boundary", form(cat).subarray(0, -3), "ends before"],
    ["with bare line feeds", bareLf(form(cat)), "ends before"],
    ["with bare line feeds but for the first line", bytes(start, bareLf(form(cat))), "end of its headers"],
    ["with bare carriage returns", form(cat).toString("latin1").replaceAll("\r\n", "\r"), "ends before"],
    ["whose end boundary follows a bare line feed", bytes(start, cat, `\n${end}`), "ends before"],
    ["of the end boundary alone", end, "no parts"],
    ["of preamble and end boundary", bytes("preamble\r\n", end), "no parts"],
    ["of a part without headers' end", bytes(start, named("prompt"), `\r\n${end}`), "end of its headers"],
    ["of a part without anything", bytes(start, `\r\n${end}`), "end of its headers"],
    ["of two start boundaries", bytes(start, form(cat)), "end of its headers"],
    [
      "with one dash behind the boundary",
      bytes(`--${boundary}-\r\n`, cat, `\r\n${end}`),
      "Content-Disposition",
    ],
    ["with more behind the boundary", bytes(`--${boundary}x\r\n`, cat, `\r\n${end}`), "Content-Disposition"],
    [
      "with a space behind the boundary",
      bytes(`--${boundary} \r\n`, cat, `\r\n${end}`),
      "Content-Disposition",
    ],
    ["with the boundary in a file", form(file("image", `a\r\n--${boundary}\r\nb`)), "end of its headers"],
    [
      "with a longer boundary in a file",
      form(file("image", `\r\n--${boundary}x\r\n\r\nb`)),
      "Content-Disposition",
    ],
    ["of 65 parts", form(...Array.from({ length: 65 }, (_, i) => text(`f${i}`, ""))), "at most 64 parts"],
    [
      "of 10,000 texts",
      form(...Array.from({ length: 10_000 }, (_, i) => text(`f${i}`, "x"))),
      "at most 64 parts",
    ],
    [
      "of 10,000 images",
      form(...Array.from({ length: 10_000 }, () => file("image[]", "x"))),
      "at most 3 times",
    ],
    [
      "of 10,000 unnamed parts",
      form(...Array.from({ length: 10_000 }, () => part([]))),
      "Content-Disposition",
    ],
    [
      "of 10,000 empty parts",
      bytes(...Array.from({ length: 10_000 }, () => start), end),
      "end of its headers",
    ],
  ])("%s is refused", async (_what, body, why) => {
    const [code, detail, param] = (await become(Buffer.from(body))) as string[];
    expect([code, detail]).toEqual(["invalidRequest", expect.stringContaining(why)]);
    expect(param).toBe(why === "at most 3 times" ? "image" : "body");
  });

  it.each([
    ["with a preamble", bytes("This is a form.\r\n", form(cat))],
    ["with a preamble of line ends", bytes("\r\n\r\n", form(cat))],
    ["with a preamble that nearly is a boundary", bytes(`--${boundary.slice(1)}\r\n`, form(cat))],
    ["with an epilogue", bytes(form(cat), "the end")],
    ["with a form for an epilogue", bytes(form(cat), form(text("prompt", "a dog")))],
    ["without a line end behind the end boundary", form(cat).subarray(0, -2)],
    ["with three dashes behind the end boundary", bytes(form(cat).subarray(0, -2), "-\r\n")],
  ])("%s is read", async (_what, body) => {
    expect(await become(body)).toEqual({ fields: { prompt: "a cat" }, images: [] });
  });
});

describe("a part's headers", () => {
  const unread = "no Content-Disposition of form-data that can be read";
  it.each([
    ["none", part([]), unread],
    ["a type only", part("Content-Type: text/plain"), unread],
    ["without a colon", part(`Content-Disposition form-data; name="prompt"`), unread],
    ["a colon only", part(`: form-data; name="prompt"`), unread],
    ["a line feed before the disposition", part(`X: 1\n${named("prompt")}`), unread],
    ["a line feed in the file name", part(`${named("image")}; filename="a\nX: 1"`), unread],
    ["a carriage return in the file name", part(`${named("image")}; filename="a\rb"`), unread],
    ["a line feed in the name", part(named("pro\nmpt")), unread],
    [
      "a second disposition, put in by a file name",
      part([`${named("image")}; filename="a`, `${named("mask")}; x="`]),
      unread,
    ],
    ["two dispositions", part([named("prompt"), named("n")]), unread],
    ["the same disposition twice", part([named("prompt"), named("prompt")]), unread],
    ["a disposition of another kind", part(`Content-Disposition: attachment; name="image"`), unread],
    ["a disposition of a longer kind", part(`Content-Disposition: form-datax; name="image"`), unread],
    ["an empty disposition", part("Content-Disposition:"), unread],
    ["an open quote", part(`Content-Disposition: form-data; name="prompt`), unread],
    ["more behind a quote", part(`Content-Disposition: form-data; name="im"age`), unread],
    ["a name with a space and no quotes", part("Content-Disposition: form-data; name=a b"), unread],
    ["a comma for a semicolon", part(`Content-Disposition: form-data, name="prompt"`), unread],
    ["a file name that ends in a backslash", part(`${named("image")}; filename="C:\\"`), unread],
    ["a header in the place of the first line", bytes("junk\r\n", cat), unread],
    ["no name", part("Content-Disposition: form-data"), "has no name"],
    ["a file name only", part(`Content-Disposition: form-data; filename="a.png"`), "has no name"],
    ["an empty name", part(named("")), "has no name"],
    ["an encoded name only", part("Content-Disposition: form-data; name*=utf-8''image"), "has no name"],
    ["two names", part(`${named("prompt")}; name="image"`), "two names"],
    ["two names, one in capitals", part(`${named("prompt")}; NAME="prompt"`), "two names"],
    ["a NUL in the name", part(named("image\0")), "is no text"],
    ["a tab in the name", part(named("image\t")), "is no text"],
    ["a name in Latin-1", bytes(Buffer.from(named("größe"), "latin1"), "\r\n\r\n"), "is no text"],
    [
      "33 of them",
      part([named("prompt"), ...Array.from({ length: 32 }, (_, i) => `X-${i}: 1`)]),
      "at most 32",
    ],
    ["33 of one name", part([named("prompt"), ...Array.from({ length: 32 }, () => "X: 1")]), "at most 32"],
    [
      "3,000 of them",
      part([...Array.from({ length: 3000 }, (_, i) => `X-${i}: 1`), named("prompt")]),
      "at most 32",
    ],
    ["one of 17 KB", part([named("prompt"), `X: ${"x".repeat(17_000)}`]), "16384 bytes"],
    ["one of 1 MB", part([`X: ${"x".repeat(1_000_000)}`, named("prompt")]), "16384 bytes"],
    ["a name of 17 KB", part(named("x".repeat(17_000))), "16384 bytes"],
    ["a file name of 100 KB", part(`${named("image")}; filename="${"x".repeat(100_000)}"`), "16384 bytes"],
    ["a folded line of 20 KB", part([named("prompt"), "X: 1", ` ${"x".repeat(20_000)}`]), "16384 bytes"],
  ])("that are %s are refused", async (_what, bad, why) => {
    expect(await become(form(cat, bad))).toEqual(["invalidRequest", expect.stringContaining(why), "body"]);
  });

  const readable = { fields: { prompt: "a cat" }, images: [] };
  it.each([
    ["in capitals", part(`CONTENT-DISPOSITION: FORM-DATA; NAME="prompt"`, "a cat")],
    ["without spaces", part(`Content-Disposition:form-data;name="prompt"`, "a cat")],
    ["without quotes", part("Content-Disposition: form-data; name=prompt", "a cat")],
    ["with spaces around equals", part(`Content-Disposition: form-data ; name = "prompt"`, "a cat")],
    ["with a semicolon at the end", part(`${named("prompt")};`, "a cat")],
    ["folded", part(["Content-Disposition: form-data;", ` name="prompt"`], "a cat")],
    ["folded by a tab", part(["Content-Disposition: form-data;", `\tname="prompt"`], "a cat")],
    ["in another order", part(["Content-Length: 5", "X: y", named("prompt")], "a cat")],
    [
      "named as properties of every object",
      part(["__proto__: x", "constructor: y", named("prompt")], "a cat"),
    ],
    ["with an unknown parameter", part(`${named("prompt")}; x="name=\\"image\\""`, "a cat")],
    [
      "with a type of binary, but no file name",
      part([named("prompt"), "Content-Type: application/octet-stream"], "a cat"),
    ],
    [
      "with another charset, which isn't believed",
      part([named("prompt"), "Content-Type: text/plain; charset=utf-16"], "a cat"),
    ],
    [
      "with an encoding that changes nothing",
      part([named("prompt"), "Content-Transfer-Encoding: 8BIT "], "a cat"),
    ],
    ["32 of them", part([named("prompt"), ...Array.from({ length: 31 }, (_, i) => `X-${i}: 1`)], "a cat")],
    ["16,000 bytes", part([named("prompt"), `X: ${"x".repeat(16_000)}`], "a cat")],
  ])("%s are read", async (_what, good) => {
    expect(await become(form(good))).toEqual(readable);
  });
});

describe("a part", () => {
  const invalid = Buffer.from([0x61, 0xc3, 0x28]);
  it.each([
    ["a text given twice", "prompt", [cat, cat], "prompt is given twice"],
    ["a text given twice, empty", "n", [text("n", ""), text("n", "")], "n is given twice"],
    ["__proto__ given twice", "__proto__", [text("__proto__", "1"), text("__proto__", "2")], "given twice"],
    ["a text that isn't UTF-8", "prompt", [text("prompt", invalid)], "not valid UTF-8"],
    [
      "a text that ends within a character",
      "prompt",
      [text("prompt", Buffer.from([0xe2, 0x82]))],
      "not valid UTF-8",
    ],
    [
      "a text with a surrogate",
      "prompt",
      [text("prompt", Buffer.from([0xed, 0xa0, 0x80]))],
      "not valid UTF-8",
    ],
    ["a text in UTF-16", "prompt", [text("prompt", Buffer.from("\ufeffa", "utf16le"))], "not valid UTF-8"],
    ["a file by another name", "photo", [file("photo", "x")], "photo may not be a file"],
    [
      "a prompt with a file name",
      "prompt",
      [file("prompt", "x", "a.txt", "text/plain")],
      "prompt may not be a file",
    ],
    ["a prompt with an empty file name", "prompt", [file("prompt", "x", "")], "prompt may not be a file"],
    [
      "a prompt with an encoded file name",
      "prompt",
      [part(`${named("prompt")}; filename*=utf-8''a.png`)],
      "may not be",
    ],
    ["a list of masks", "mask[]", [file("mask[]", "x")], "mask[] may not be a file"],
    ["a mask by number", "mask[0]", [file("mask[0]", "x")], "may not be a file"],
    ["an image in capitals", "Image", [file("Image", "x")], "Image may not be a file"],
    ["an image by a word", "image[a]", [file("image[a]", "x")], "may not be a file"],
    ["an image by a negative number", "image[-1]", [file("image[-1]", "x")], "may not be a file"],
    ["an image in a list of lists", "image[][]", [file("image[][]", "x")], "may not be a file"],
    ["an image behind a byte order mark", "\ufeffimage", [file("\ufeffimage", "x")], "may not be a file"],
    ["an image with a space", "image ", [file("image ", "x")], "may not be a file"],
    ["an image's percent-encoded name", "image%5B%5D", [file("image%5B%5D", "x")], "may not be a file"],
    ["images (plural)", "images", [file("images", "x")], "may not be a file"],
    ["a second mask", "mask", [file("mask", "x"), file("mask", "y")], "mask may be given at most 1 times"],
    [
      "a fourth image, however it is spelled",
      "image",
      ["image", "image[]", "image[0]", "image[0]"].map((name) => file(name, "x")),
      "image may be given at most 3 times",
    ],
    [
      "nested multipart",
      "image",
      [file("image", "x", "a", "multipart/mixed; boundary=inner")],
      "may not be multipart",
    ],
    [
      "a nested form",
      "prompt",
      [part([named("prompt"), `Content-Type: MULTIPART/form-data; boundary=${boundary}`])],
      "may not be multipart",
    ],
    [
      "nested multipart behind another type",
      "image",
      [part([named("image"), "Content-Type: image/png", "Content-Type: multipart/mixed"])],
      "may not be multipart",
    ],
    [
      "an image in base64",
      "image",
      [part([named("image"), "Content-Transfer-Encoding: base64"], "aGk=")],
      "sent as it is",
    ],
    [
      "a text quoted-printable",
      "prompt",
      [part([named("prompt"), "Content-Transfer-Encoding: quoted-printable"], "a=20b")],
      "sent as it is",
    ],
    [
      "an encoding twice",
      "image",
      [part([named("image"), "Content-Transfer-Encoding: binary", "Content-Transfer-Encoding: gzip"])],
      "sent as it is",
    ],
  ])("as %s is refused by its name", async (_what, param, parts, why) => {
    expect(await become(form(...parts))).toEqual(["invalidRequest", expect.stringContaining(why), param]);
  });

  it("as a text above 256 KB is too large by its name", async () => {
    const body = form(text("prompt", "x".repeat(262_145)));
    expect(await become(body)).toEqual(["tooLarge", "prompt may have at most 262144 bytes.", "prompt"]);
  });

  it("with an endless name is refused by the start of it", async () => {
    const [, detail, param] = (await become(form(file("x".repeat(9000), "")))) as string[];
    expect([param, detail?.length]).toEqual([`${"x".repeat(64)}…`, 117]);
  });

  it.each([
    ["without file name or type", part(named("image"), "PNG")],
    ["with a file name of blob", file("image", "PNG", "blob", "application/octet-stream")],
    ["with no type", part(`${named("image")}; filename="a.png"`, "PNG")],
    ["with a type of text", part([named("image"), "Content-Type: text/plain"], "PNG")],
    ["with a type of nonsense", file("image", "PNG", "a", ";;;===")],
    ["with an empty file name", file("image", "PNG", "")],
    ["with a file name that leaves its folder", file("image", "PNG", "../../etc/passwd")],
    ["with a file name of Windows", file("image", "PNG", "C:\\photos\\cat.png")],
    ["with a file name with quotes", file("image", "PNG", `a\\"; name=\\"mask`)],
    ["with a percent-encoded line end in the file name", file("image", "PNG", "a%0D%0AContent-Type: x")],
    ["with a file name with semicolons", file("image", "PNG", "a; name=mask; b")],
    ["with a file name with NUL", file("image", "PNG", "a\0.png")],
    ["with a file name in emoji", file("image", "PNG", "🐈.png")],
    [
      "with a file name in Latin-1",
      bytes(Buffer.from(`${named("image")}; filename="ä"`, "latin1"), "\r\n\r\nPNG"),
    ],
    [
      "with an encoded file name too",
      part(`${named("image")}; filename="a"; filename*=UTF-8''%e2%82%ac.png`, "PNG"),
    ],
    ["with a broken encoded file name", part(`${named("image")}; filename*=nonsense'%zz`, "PNG")],
    ["with two file names", part(`${named("image")}; filename="a"; filename="b"`, "PNG")],
  ])("as an image %s is received", async (_what, image) => {
    expect(await become(form(image))).toEqual({ fields: {}, images: ["image image 0 PNG"] });
  });

  it.each([
    ["nothing", ""],
    ["a line end", "\r\n"],
    ["line ends", "\r\n".repeat(50)],
    ["carriage returns", "\r".repeat(50)],
    ["the end of headers", "\r\n\r\n"],
    ["dashes", "\r\n--"],
    ["nearly the boundary", `\r\n--${boundary.slice(0, -1)}`],
    ["nearly the boundary, again and again", `\r\n--${boundary.slice(0, -1)}`.repeat(40)],
    ["the boundary within a line", `x--${boundary}--`],
    ["the boundary behind a line feed", `\n--${boundary}--\n`],
    ["the boundary behind a carriage return", `\r--${boundary}--\r`],
    ["the boundary with a dash too few", `\r\n-${boundary.slice(1)}\r\n`],
    ["headers", `${named("mask")}\r\n\r\nx`],
    ["zeros", "\0".repeat(300)],
    ["every byte", Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("latin1")],
    ["another form", `--inner\r\n${named("prompt")}\r\n\r\nx\r\n--inner--\r\n`],
  ])("of %s is kept as sent", async (_what, content) => {
    const body = form(file("image", Buffer.from(content, "latin1")), cat);
    expect(await become(body)).toEqual({ fields: { prompt: "a cat" }, images: [`image image 0 ${content}`] });
  });

  it.each([
    ["empty", "prompt", ""],
    ["of emoji", "prompt", "🐈‍⬛ «ñ»"],
    ["with NUL", "prompt", "a\0b"],
    ["with bare line ends", "prompt", "a\nb\rc\r\nd"],
    ["with a byte order mark", "prompt", "\ufeffa"],
    ["of a number", "n", " 007 "],
    ["by an unknown name", "größe", "x"],
    ["by a quoted name", `a"b`, "x"],
    ["by the name of a list", "tags[]", "x"],
    ["by a list of masks' name, but no file", "mask[]", "x"],
    ["by the name of charset", "_charset_", "iso-8859-1"],
    ["by the name of a property of every object", "hasOwnProperty", "x"],
  ])("as a text %s is given raw", async (_what, name, content) => {
    const body = form(text(name.replace(`"`, `\\"`), content));
    expect(await become(body)).toEqual({ fields: { [name]: content }, images: [] });
  });
});
