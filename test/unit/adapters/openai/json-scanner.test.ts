import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonScanner, type Scanned } from "../../../../src/adapters/openai/reading/json-scanner.ts";

const mark = "picture:";

/** What a scan of the text finds, fed in pieces that end at the cuts. */
function scan(text: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const scanner = new JsonScanner(mark);
  const found = places
    .slice(1)
    .flatMap((to, at): Scanned[] => [...scanner.push(bytes.subarray(places[at], to))]);
  const pictures = new Map<number, Buffer>();
  for (const one of found) {
    if (one.kind === "picture") pictures.set(one.picture, pictures.get(one.picture) ?? Buffer.alloc(0));
    if (one.kind !== "bytes") continue;
    pictures.set(one.picture, Buffer.concat([pictures.get(one.picture) ?? Buffer.alloc(0), one.bytes]));
  }
  const items = found.filter((one) => one.kind === "item");
  const values = found.filter((one) => one.kind === "value").map((one): unknown => JSON.parse(one.text));
  return { found, pictures, items, values, isOpen: scanner.isOpen };
}

const everyByte = (text: string) => Array.from({ length: Buffer.byteLength(text) }, (_, at) => at);

/** The value, with bytes where a mark stands. */
function filled(value: unknown, pictures: ReadonlyMap<number, Buffer>): unknown {
  if (typeof value === "string") {
    return value.startsWith(mark) ? pictures.get(Number(value.slice(mark.length))) : value;
  }
  if (Array.isArray(value)) return value.map((entry) => filled(entry, pictures));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filled(entry, pictures)]));
}

type Spelling = (base64: string) => string;
/** The ways in which services and gateways write the base64 of a picture into JSON. */
const spellings: Record<string, Spelling> = {
  "as it is": (text) => text,
  "in the URL alphabet, without padding": (text) =>
    text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  "without padding": (text) => text.replaceAll("=", ""),
  "with escaped slashes": (text) => text.replaceAll("/", "\\/"),
  "with escapes by number": (text) =>
    text.replace(/[+=]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "with escaped line ends": (text) => text.replace(/.{1,7}/g, "$&\\r\\n"),
  "with raw line ends and blanks": (text) => text.replace(/.{1,5}/g, " $&\n\t"),
  "as a data URL": (text) => `data:image/png;base64,${text}`,
  "as a data URL with escapes": (text) => `\\u0064ata:image\\/jpeg;charset=x;base64,${text}`,
  "behind blanks": (text) => `  \\n${text}`,
};
const spelling = fc.constantFrom(...Object.values(spellings));
const picture = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), spelling);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

class Picture {
  readonly bytes: Buffer;
  readonly text: string;
  constructor([bytes, spell]: [Uint8Array, Spelling]) {
    this.bytes = Buffer.from(bytes);
    this.text = `"${spell(this.bytes.toString("base64"))}"`;
  }
}

const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__proto__");
/** Any JSON with pictures under `b64_json`, anywhere. */
const { tree } = fc.letrec<{ tree: unknown; object: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.string({ unit: "grapheme" }).filter((text) => !text.startsWith(mark)),
    // JSON writes -0 as 0.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.constantFrom(null, true, false),
    tie("object"),
    fc.array(tie("tree"), { maxLength: 4 }),
  ),
  object: fc
    .tuple(
      fc.dictionary(name, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
      fc.option(picture, { nil: undefined }),
    )
    .map(([fields, one]) => (one ? { ...fields, b64_json: new Picture(one) } : fields)),
}));

function write(value: unknown, blank: string): string {
  if (value instanceof Picture) return value.text;
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, blank)).join(`,${blank}`)}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}${blank}:${write(entry, blank)}`,
  );
  return `{${blank}${fields.join(",")}}`;
}

/** The value, with each picture's bytes in its place. */
function plain(value: unknown): unknown {
  if (value instanceof Picture) return value.bytes;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

describe("a scan", () => {
  it("finds what JSON.parse finds, and the pictures that Buffer.from decodes, wherever it is torn", () => {
    const root = fc.array(tree, { maxLength: 5 });
    fc.assert(
      fc.property(root, cuts, fc.constantFrom("", " ", "\r\n\t"), (value, places, blank) => {
        const { values, pictures, isOpen } = scan(write(value, blank), places);
        expect(isOpen).toBe(false);
        expect(values.map((one) => filled(one, pictures))).toEqual([plain(value)]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(spellings))("reads a picture %s, byte by byte", (_name, spell) => {
    for (const length of [1, 2, 3, 4, 255, 256, 257]) {
      const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 251) % 256));
      const text = `{"b64_json":"${spell(bytes.toString("base64"))}"}`;
      expect(scan(text, everyByte(text)).pictures.get(0)).toEqual(bytes);
    }
  });

  it.each(["QQ==Qg==", "Q", "QUJDR", "Q=Q=", "====QUJD", "é/QU", "data", "http", "!?", "ht+p", "httpsQUJD"])(
    "decodes %j as Buffer.from does",
    (text) => {
      expect(scan(`{"b64_json":"${text}"}`).pictures.get(0)).toEqual(Buffer.from(text, "base64"));
    },
  );

  it("decodes a picture of many blocks", () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 256));
    const text = `{"data":[{"b64_json":"${bytes.toString("base64")}"}]}`;
    expect(scan(text, [70_001, 70_002, 200_003]).pictures.get(0)?.equals(bytes)).toBe(true);
  });

  it.each([
    ["a link under url", { url: "https://example/a.png" }],
    ["a link under b64_json", { b64_json: "https://example/a.png" }],
    ["nothing under b64_json", { b64_json: "" }],
    ["blanks under b64_json", { b64_json: "  \n" }],
    ["a data URL of text", { url: "data:image/svg+xml,%3Csvg%3E" }],
    ["base64 under another name", { image: "QUJDRA==" }],
    ["a name among values", ["b64_json", "QUJDRA=="]],
    ["escapes in a text that looks like a picture at first", { url: 'dat\\a:"\u00e9' }],
  ])("leaves %s as it is", (_what, value) => {
    const text = JSON.stringify(value);
    const { values, pictures } = scan(text, everyByte(text));
    expect([values, pictures.size]).toEqual([[value], 0]);
  });

  it("takes a data URL under url for a picture", () => {
    expect(scan('{"url":"data:image/webp;base64,QUJD"}').pictures.get(0)).toEqual(Buffer.from("ABC"));
  });

  it("tells of each item when its object closes, whichever way its fields stand", () => {
    const text =
      '{"data":[{"b64_json":"QQ==","revised_prompt":"a"},{},{"revised_prompt":"c","image":{"b64_json":"Qw=="}}]}';
    const { found, items } = scan(text, everyByte(text));
    expect(items).toMatchObject([
      { index: 0, pictures: [0], text: '{"b64_json":"picture:0","revised_prompt":"a"}' },
      { index: 2, pictures: [1] },
    ]);
    expect(found.map(({ kind }) => kind)).toEqual([
      ...["bytes", "picture", "item"],
      ...["bytes", "picture", "item"],
      "value",
    ]);
  });

  it("reads JSON texts that are glued together, past whatever stands between them", () => {
    const { values } = scan('{"a":1}{"b":2}\n\ndata: {"c":3} and [4]');
    expect(values).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }, [4]]);
  });

  it("reads strings with raw line ends in them, which JSON forbids", () => {
    expect(scan('{"revised_prompt":"a\n\tcat"}').values).toEqual([{ revised_prompt: "a  cat" }]);
  });

  it("is open in the middle of a value", () => {
    for (const text of ["{", '{"b64_json":"QU', '{"a":[1,']) expect(scan(text).isOpen).toBe(true);
  });

  it.each([
    ["numbers without end", `[${"1,".repeat(3 * 1024 * 1024)}`],
    ["brackets without end", "[".repeat(600)],
  ])("gives up on %s", (_what, text) => {
    expect(() => scan(text)).toThrow("made no sense");
  });

  it("cuts a text without end, and loses no picture beside it", () => {
    const text = JSON.stringify({ note: "x".repeat(5 * 1024 * 1024), n: 1 });
    expect(() => scan(text)).not.toThrow();
  });
});
