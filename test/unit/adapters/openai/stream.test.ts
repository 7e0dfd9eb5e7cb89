import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../../../src/domain/app-error.ts";
import type { OnPartial, PartialImage } from "../../../../src/ports/image-model.ts";
import { readResponse } from "../../../support/read-response.ts";
import { completedEvent, event, partialEvent, pixelNumber, usage } from "../../../support/event-stream.ts";

const prompt = "canary-4713 An umbrella on the beach";
const never = new AbortController().signal;

function answer(pieces: Iterable<Uint8Array | string>, type = "text/event-stream"): Response {
  const chunks = Array.from(pieces, (piece) => Buffer.from(piece))[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(new Uint8Array(next.value));
    },
  });
  return new Response(body, { headers: { "content-type": type } });
}

const read = (response: Response, onPartial?: OnPartial, signal = never) =>
  readResponse(response, { prompt, ...(onPartial && { onPartial }), signal });

const steps = (partials: readonly PartialImage[]) => partials.map(({ step }) => step);
const image = { kind: "images", items: [{ kind: "image", bytes: pixelNumber(9) }], usage };
const whole = [partialEvent(0), partialEvent(1), completedEvent()];

async function errorOf(response: Response): Promise<UpstreamError> {
  const error: unknown = await read(response).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error(`no fault but ${String(error)}`);
}

describe("a stream", () => {
  it("hands on each partial image in order, and ends with the image and its usage", async () => {
    const { reply, partials } = await read(answer(whole));
    expect(partials).toEqual([
      { position: 0, step: 0, bytes: pixelNumber(0) },
      { position: 0, step: 1, bytes: pixelNumber(1) },
    ]);
    expect(reply).toEqual(image);
  });

  it("of an edit is read the same way", async () => {
    const { reply, partials } = await read(
      answer([partialEvent(0, "image_edit"), completedEvent("image_edit")]),
    );
    expect(steps(partials)).toEqual([0]);
    expect(reply).toEqual(image);
  });

  it("keeps the numbers that the service gave, also where one is missing", async () => {
    const { partials } = await read(
      answer([partialEvent(1), partialEvent(1), partialEvent(2), completedEvent()]),
    );
    expect(steps(partials)).toEqual([1, 1, 2]);
  });

  it("reads the same wherever it is torn, whatever its line ends, and through comments", async () => {
    const shape = fc.record({
      cuts: fc.array(fc.nat(1000), { maxLength: 8 }),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      comments: fc.nat(30),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ cuts, end, comments }) => {
        const flood = `: ça sèche …${end}${end}`.repeat(comments);
        const events = [partialEvent(0, "image_generation", end), completedEvent("image_generation", end)];
        const bytes = Buffer.from(events.map((text) => flood + text).join(""));
        const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
        const pieces = places.slice(1).map((to, at) => bytes.subarray(places[at], to));
        const { reply, partials } = await read(answer(pieces));
        expect(steps(partials)).toEqual([0]);
        expect(reply).toEqual(image);
      }),
      { numRuns: 60 },
    );
  });

  it("that stops at any byte before its last event's end leaves the outcome open", async () => {
    const bytes = Buffer.from(whole.join(""));
    // The two line ends that close the last event are no part of what it tells.
    for (let length = 0; length < bytes.length - 2; length += 7) {
      const failure = await errorOf(answer([bytes.subarray(0, length)]));
      expect(failure, `after ${length} bytes`).toMatchObject({ mayBeBilled: true });
      expect(failure.message).not.toContain("canary");
    }
  });

  it("is over with its image: what follows is not waited for", async () => {
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(Buffer.from(whole.join("")))),
    });
    const { reply } = await read(new Response(endless));
    expect(reply).toEqual(image);
  });

  it("reads no further while a partial image is being dealt with", async () => {
    const pulled: number[] = [];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const next = whole[pulled.length];
          pulled.push(pulled.length);
          if (next === undefined) controller.close();
          else controller.enqueue(new Uint8Array(Buffer.from(next)));
        },
      },
      { highWaterMark: 0 },
    );
    const seen: number[] = [];
    await read(new Response(body), async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      seen.push(pulled.length);
    });
    expect(seen).toEqual([1, 2]);
  });
});

describe("leniently,", () => {
  it("events of unknown types are passed over", async () => {
    const strange = [
      event("image_generation.thinking", { b64_json: "x" }),
      event(undefined, [1]),
      event("ping", 7),
    ];
    const { reply, partials } = await read(answer([...strange, ...whole, ...strange]));
    expect(steps(partials)).toEqual([0, 1]);
    expect(reply).toEqual(image);
  });

  it("the name may stand in the event's line alone, or in its data alone", async () => {
    const b64_json = pixelNumber(9).toString("base64");
    const type = "image_generation.completed";
    for (const only of [event(type, { b64_json, usage }), event(undefined, { type, b64_json, usage })]) {
      expect((await read(answer([only]))).reply).toEqual(image);
    }
  });

  it("a partial image that is none is left out, and one without a number is counted", async () => {
    const type = "image_generation.partial_image";
    const b64_json = pixelNumber(1).toString("base64");
    const events = [
      event(type, { b64_json: "bm8gaW1hZ2U=", partial_image_index: 0 }),
      event(type, { partial_image_index: 1 }),
      event(type, { b64_json }),
      event(type, { b64_json, partial_image_index: "third" }),
      completedEvent(),
    ];
    expect(steps((await read(answer(events))).partials)).toEqual([2, 3]);
  });

  it("a plain answer is read as one, whatever kind of JSON it says it is", async () => {
    const body = JSON.stringify({ data: [{ b64_json: pixelNumber(9).toString("base64") }], usage });
    for (const type of ["application/json", "application/json; charset=utf-8", "application/problem+json"]) {
      const { reply, partials } = await read(answer([body], type));
      expect(reply).toEqual(image);
      expect(partials).toEqual([]);
    }
  });
});

describe("an end without an image", () => {
  it.each([
    ["nothing at all", [], undefined],
    ["only comments", [": one\n\n: two\n\n"], undefined],
    ["a page of HTML", ["<!doctype html><p>data: {}</p>"], "text/html"],
    ["broken JSON", [event("image_generation.completed", "{")], undefined],
    ["a last event without an image", [event("image_generation.completed", {})], undefined],
    ["a last event that is a number", [event("image_generation.completed", 7)], undefined],
    ["[DONE]", [partialEvent(0), "data: [DONE]\n\n"], undefined],
    ["a plain answer cut short", ['{"data":['], "application/json"],
    ["a plain answer of no images", ['{"data":[]}'], "application/json"],
  ])("%s: nobody knows what became of it", async (_what, pieces, type) => {
    expect(await errorOf(answer(pieces, type))).toMatchObject({ mayBeBilled: true });
  });

  it("an answer without a body", async () => {
    expect(await errorOf(new Response(null, { status: 204 }))).toMatchObject({ mayBeBilled: true });
  });

  it.each([
    ["under `error`, by its line", event("error", { error: { code: "moderation_blocked" } })],
    ["under `error`, without a line", event(undefined, { error: { code: "moderation_blocked" } })],
    ["as the whole event", event("error", { type: "error", code: "moderation_blocked" })],
    [
      "by its line alone",
      event("error", { type: "image_generation_user_error", code: "moderation_blocked" }),
    ],
  ])("an error told %s", async (_where, errorEvent) => {
    const { reply, partials } = await read(answer([partialEvent(0), errorEvent, completedEvent()]));
    expect(reply).toMatchObject({ kind: "refused", failure: { code: "contentFilter" } });
    expect(steps(partials)).toEqual([0]);
  });

  it("an error that is a word only", async () => {
    expect(await errorOf(answer([event("error", { error: "boom" })]))).toMatchObject({ mayBeBilled: true });
  });
});

describe("anyone who listens", () => {
  it("ends the call by throwing, and the error is theirs", async () => {
    const mine = new SyntaxError("the disk is full");
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(Buffer.from(whole.join("")))),
      cancel: () => {
        cancelled = true;
      },
    });
    await expect(read(new Response(body), () => Promise.reject(mine))).rejects.toBe(mine);
    expect(cancelled).toBe(true);
  });

  it("leaves at once by their signal, and hears nothing more of what has arrived", async () => {
    const leaving = new AbortController();
    const heard: number[] = [];
    const reading = read(
      answer([whole.join("")]),
      ({ step }) => {
        heard.push(step);
        leaving.abort();
        return Promise.resolve();
      },
      leaving.signal,
    );
    await expect(reading).rejects.toMatchObject({ mayBeBilled: true });
    expect(heard).toEqual([0]);
  });
});
