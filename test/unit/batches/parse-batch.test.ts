import { describe, expect, it } from "vitest";
import { parseBatch } from "../../../src/batches/parse-batch.ts";
import { type BatchFormat, maxBatchLines } from "../../../src/domain/batch.ts";

const parse = async (format: BatchFormat, text: string) =>
  (await parseBatch(format, text)).map((parsed) =>
    parsed.kind === "read" ? [parsed.line, parsed.value] : [parsed.line, parsed.error.message],
  );

describe("lines of a CSV", () => {
  it("are numbered as an editor does, over values of several lines, empty lines and a byte order mark", async () => {
    const text =
      '\uFEFFprompt,n,tags,metadata\r\n"a cat, a hat",2,"a,b",\r\n\r\n"two\nlines of ""it""",,,"{""k"":""v""}"\r\nlast,1,,';
    expect(await parse("csv", text)).toEqual([
      [2, { prompt: "a cat, a hat", n: 2, tags: ["a", "b"] }],
      [4, { prompt: 'two\nlines of "it"', metadata: { k: "v" } }],
      [6, { prompt: "last", n: 1 }],
    ]);
  });

  it.each([[";"], ["\t"]])("may be separated by %j", async (mark) => {
    expect(await parse("csv", `prompt${mark}size\na cat, a hat${mark}1024x1024\n`)).toEqual([
      [2, { prompt: "a cat, a hat", size: "1024x1024" }],
    ]);
  });

  it("with another number of values, or with what is no JSON, are refused alone", async () => {
    expect(await parse("csv", "prompt,metadata\na\nb,{\nc,{}\n")).toEqual([
      [2, "The line has 1 values, and the first one names 2 columns."],
      [3, "metadata is not valid JSON."],
      [4, { prompt: "c", metadata: {} }],
    ]);
  });
});

it("lines of JSONL are numbered as an editor does, and one that is no JSON is refused alone", async () => {
  expect(await parse("jsonl", '{"prompt":"a"}\n\n{"prompt":\r\n{"prompt":"b"}\r\n')).toEqual([
    [1, { prompt: "a" }],
    [3, "The line is not valid JSON."],
    [4, { prompt: "b" }],
  ]);
});

it("JSON is a list, or one request", async () => {
  expect(await parse("json", '[{"prompt":"a"},7]')).toEqual([
    [1, { prompt: "a" }],
    [2, 7],
  ]);
  expect(await parse("json", '{"prompt":"a"}')).toEqual([[1, { prompt: "a" }]]);
});

describe("a batch is refused as a whole", () => {
  const many = (line: string) => `${line}\n`.repeat(maxBatchLines + 1);
  it.each([
    [
      "of an unknown column",
      "csv",
      "promt,size\na,b\n",
      /^Column "promt" is not a known field\. Did you mean prompt\?.*known fields: model, /,
    ],
    ["of a column twice", "csv", "prompt,n,n\na,1,2\n", /^Column n is there twice/],
    ["without prompts", "csv", "n\n1\n", /no column prompt/],
    ["of a quote that is open", "csv", 'prompt\na\n"b\nc\n', /^Line 4 of the CSV has a quote/],
    ["of a quote out of place", "csv", 'prompt\na\n"b"c\n', /^Line 3 of the CSV has a quote/],
    ["with a header alone", "csv", "prompt\n", /empty/],
    ["of nothing", "jsonl", "\n", /empty/],
    ["of an empty list", "json", "[]", /empty/],
    ["of no JSON", "json", "[", /not valid JSON/],
    ["of too many lines of CSV", "csv", `prompt\n${many("a")}`, /at most 1000 lines/],
    ["of too many empty lines of CSV", "csv", `prompt\na\n${many("").repeat(3)}`, /at most 1000 lines/],
    ["of too many lines of JSONL", "jsonl", many("{}"), /at most 1000 lines/],
  ] as const)("%s", async (_, format, text, message) => {
    await expect(parseBatch(format, text)).rejects.toMatchObject({
      detail: expect.stringMatching(message) as string,
    });
  });
});
