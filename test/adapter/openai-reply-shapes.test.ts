import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { event, pixelNumber, usage } from "../support/event-stream.ts";
import type { GatheredReply } from "../support/gathered-reply.ts";
import { imagesOf, never, useSimulator } from "../support/image-service.ts";
import { useScriptedService } from "../support/scripted-service.ts";

const { modelAt } = useSimulator();
const scripted = useScriptedService();

const b64 = (number: number) => pixelNumber(number).toString("base64");
const item = (number: number) => ({ b64_json: b64(number) });
const json = (value: unknown) => JSON.stringify(value);
const one = json({ created: 1, data: [item(1)], usage });
const completed = "image_generation.completed";
const endOf = (number: number, more: object = {}) =>
  event(completed, { type: completed, ...item(number), ...more });

type Asked = { n?: number; stream?: boolean };

async function ask(pieces: readonly (string | Uint8Array)[], { n = 1, stream }: Asked = {}, type?: string) {
  const head = `HTTP/1.1 200 OK\r\n${type === undefined ? "" : `content-type: ${type}\r\n`}connection: close\r\n\r\n`;
  const service = await scripted(() => ({ bytes: [head, ...pieces], close: true }));
  const request: ImageRequest = {
    prompt: "canary-4716 a pier",
    n,
    size: "1024x1024",
    ...(stream && { stream }),
  };
  const model = modelAt("gpt-image-1", { endpoint: service.url });
  return model.render(request, n, never);
}

/** The numbers of the pictures by position; what is none is told by its kind. */
const numbersOf = (reply: GatheredReply) =>
  imagesOf(reply).map((found) => (found.kind === "image" ? found.bytes.at(-1) : found.kind));

const types = [
  "application/json",
  "text/plain; charset=utf-8",
  "application/octet-stream",
  "text/event-stream",
  "nonsense",
  undefined,
];

describe.each(types)("a reply of type %s", (type) => {
  it.each([false, true])(
    "is read as the JSON or the events that it is; asked for as a stream: %s",
    async (stream) => {
      for (const body of [one, endOf(1, { usage })]) {
        const reply = await ask([body], { stream }, type);
        expect([numbersOf(reply), reply]).toMatchObject([[1], { usage }]);
      }
    },
  );
});

const shapes: [string, string, number, (number | undefined | string)[]][] = [
  ["JSON with [DONE] behind it", `${one}\n\ndata: [DONE]\n\n`, 1, [1]],
  ["JSON with a page of HTML behind it", `${one}<html>{</html>`, 1, [1]],
  ["JSON behind a byte order mark and blanks", `\ufeff \r\n${one}`, 1, [1]],
  ["JSON texts glued together", json({ data: [item(1)] }) + json({ data: [item(2)] }), 2, [1, 2]],
  ["lines of JSON, each with an image", `${json(item(1))}\n${json(item(2))}\n`, 2, [1, 2]],
  ["an array of images alone", json([item(1), item(2)]), 2, [1, 2]],
  ["images under result.data", json({ result: { data: [item(1), item(2)] } }), 2, [1, 2]],
  ["an image inside its entry's image", json({ data: [{ image: item(1) }, { data: item(2) }] }), 2, [1, 2]],
  ["a data URL under b64_json", json({ data: [{ b64_json: `data:image/png;base64,${b64(1)}` }] }), 1, [1]],
  ["a data URL under url", json({ data: [{ url: `data:image/png;base64,${b64(1)}` }] }), 1, [1]],
  ["base64 with line ends", json({ data: [{ b64_json: b64(1).replace(/.{9}/g, "$&\r\n") }] }), 1, [1]],
  [
    "base64 in the URL alphabet",
    json({ data: [{ b64_json: pixelNumber(1).toString("base64url") }] }),
    1,
    [1],
  ],
  ["slashes escaped", one.replaceAll("/", "\\/"), 1, [1]],
  ["a revised prompt with raw line ends", one.replace("]", ',{"revised_prompt":"a\nb"}]'), 1, [1, "lost"]],
  ["JSON that breaks behind its images", `{"data":[${json(item(1))}],"usage":NaN}`, 1, [1]],
  ["an error of null beside the images", json({ error: null, data: [item(1)] }), 1, [1]],
  ["an empty error beside the images", json({ error: {}, data: [item(1)] }), 1, [1]],
  ["a blank error beside the images", json({ error: "", data: [item(1)] }), 1, [1]],
  [
    "a blank message beside the images",
    json({ error: { message: " ", code: null }, data: [item(1)] }),
    1,
    [1],
  ],
  [
    "an error beside the images",
    json({ error: { message: "oh" }, data: [item(1), {}] }),
    3,
    [1, "lost", "lost"],
  ],
  [
    "events without JSON, data, or sense",
    `: hi\n\nevent: ping\n\ndata: ping\n\ndata: {"a":\n\n${endOf(1)}`,
    1,
    [1],
  ],
  ["an event without a blank line behind it", endOf(1).trimEnd(), 1, [1]],
  ["an event with returns alone", endOf(1).replaceAll("\n", "\r"), 1, [1]],
  ["an event without a name", event(undefined, item(1)), 1, [1]],
  ["an event named in its line alone", event(completed, item(1)), 1, [1]],
  ["an event named in its data alone", event(undefined, { type: completed, ...item(1) }), 1, [1]],
  ["an event with a list of images", event(completed, { data: [item(1), item(2)] }), 2, [1, 2]],
  ["an event with result.data", event(completed, { result: { data: [item(1)] } }), 1, [1]],
  ["an event with a nested image", event(completed, { type: completed, image: item(1) }), 1, [1]],
  [
    "an event whose JSON breaks behind its image",
    event(completed, `{"b64_json":"${b64(1)}","x":NaN}`),
    1,
    [1],
  ],
  ["several events with an image each", endOf(1) + endOf(2) + "data: [DONE]\n\n", 2, [1, 2]],
  ["events that name the places of their images", endOf(2, { index: 1 }) + endOf(1, { index: 0 }), 2, [1, 2]],
  ["events that count their images from 1", endOf(1, { index: 1 }) + endOf(2, { index: 2 }), 2, [2, 1]],
  [
    "an error after the first of two images",
    endOf(1) + event("error", { error: { message: "oh" } }),
    2,
    [1, "lost"],
  ],
  ["an empty error in the event of the image", endOf(1, { error: {} }), 1, [1]],
];

describe("an image that came is kept, by", () => {
  it.each(shapes)("%s", async (_what, body, n, expected) => {
    for (const stream of [false, true]) expect(numbersOf(await ask([body], { n, stream }))).toEqual(expected);
  });

  it.each(shapes)("%s, torn in the middle", async (_what, body, n, expected) => {
    const bytes = Buffer.from(body);
    const half = bytes.length >> 1;
    const reply = await ask([bytes.subarray(0, half), bytes.subarray(half)], { n });
    expect(numbersOf(reply)).toEqual(expected);
  });
});

const ambiguous = { name: "AppError", code: "upstreamUnavailable", mayBeBilled: true };

describe("a reply that is none", () => {
  it.each([
    ["nothing", ""],
    ["blanks", " \r\n "],
    ["HTML", "<!doctype html><p>{}</p>"],
    ["a number", "7"],
    ["a text", '"busy"'],
    ["JSON cut short", one.slice(0, -2)],
    ["megabytes of text", `{"message":"${"x".repeat(5_000_000)}"}`],
    ["comments alone", ": hi\n\n: ho\n\n"],
    ["an image cut short", one.slice(0, 60)],
  ])("%s leaves it open whether it is billed", async (_what, body) => {
    for (const stream of [false, true]) {
      await expect(ask([body], { stream })).rejects.toMatchObject(ambiguous);
    }
  });
});

it("an image with its revised prompt, whichever comes first, has it", async () => {
  const body = `{"data":[{"revised_prompt":"a","b64_json":"${b64(1)}"},{"b64_json":"${b64(2)}","revised_prompt":"b"}]}`;
  expect(imagesOf(await ask([body], { n: 2 }))).toMatchObject([
    { revisedPrompt: "a" },
    { revisedPrompt: "b" },
  ]);
});
