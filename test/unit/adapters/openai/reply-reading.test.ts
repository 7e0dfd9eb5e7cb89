import { describe, expect, it } from "vitest";
import { receivedPictures } from "../../../../src/adapters/openai/reading/received-pictures.ts";
import { readReply } from "../../../../src/adapters/openai/reply.ts";
import type { ReceivedImage, ReplyListener } from "../../../../src/ports/image-model.ts";
import { pixelNumber } from "../../../support/event-stream.ts";

const item = (number: number) => JSON.stringify({ b64_json: pixelNumber(number).toString("base64") });
const start = '{"created":1,"data":[';
const failure = new Error("the socket was reset");

type Step = string | Error | (() => void);

/** A body that brings these, and then waits for ever; an error breaks it. */
function bodyOf(steps: readonly Step[]) {
  const seen = { cancelled: false, pulls: 0 };
  const left = [...steps];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.pulls += 1;
        const next = left.shift();
        if (typeof next === "string") controller.enqueue(new TextEncoder().encode(next));
        else if (next instanceof Error) controller.error(next);
        else if (next) next();
        return next === undefined || typeof next === "function" ? new Promise(() => undefined) : undefined;
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

function read(
  body: ReadableStream<Uint8Array> | string,
  onImage: ReplyListener["onImage"],
  signal = new AbortController().signal,
) {
  const pictures = receivedPictures();
  const now = () => new Date(0);
  const reading = { prompt: "canary-4717", wanted: 3, signal, listener: { onImage }, pictures, now };
  return { pictures, reply: readReply(new Response(body), reading) };
}

describe("while a reply is on its way", () => {
  it("each image is handed on before the next is read, and none is read before that is done", async () => {
    const { body, seen } = bodyOf([start + item(0), `,${item(1)}`, `,${item(2)}`, "]}"]);
    const pulls: number[] = [];
    const onImage = async ({ position, picture }: ReceivedImage) => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      pulls.push(seen.pulls);
      expect(await picture.read()).toEqual(pixelNumber(position));
      await picture.release();
    };
    const { reply, pictures } = read(body, onImage);
    expect(await reply).toMatchObject({
      items: [{ kind: "received" }, { kind: "received" }, { kind: "received" }],
    });
    expect(pulls).toEqual([1, 2, 3]);
    // Whatever its connection does next, the reply is over.
    expect([seen.cancelled, pictures.held.used]).toEqual([true, 0]);
  });

  it("what was handed on stays when the connection breaks, and what was cut is freed", async () => {
    const { body } = bodyOf([start + item(0), `,${item(1)},${item(2).slice(0, 60)}`, failure]);
    const heard: number[] = [];
    const { reply, pictures } = read(body, async ({ position, picture }) => {
      heard.push(position);
      await picture.release();
    });
    await expect(reply).rejects.toMatchObject({ code: "upstreamUnavailable", mayBeBilled: true });
    expect([heard, pictures.held.used]).toEqual([[0, 1], 0]);
  });

  it("a connection that breaks behind the whole of it takes nothing away", async () => {
    const { body } = bodyOf([`${start}${item(0)}]}`, failure]);
    const { reply } = read(body, ({ picture }) => picture.release());
    expect(await reply).toEqual({ kind: "images", items: [{ kind: "received" }] });
  });

  it("its signal ends it at once, and everything is freed", async () => {
    const leaving = new AbortController();
    const { body, seen } = bodyOf([start + item(0).slice(0, 50), () => leaving.abort()]);
    const { reply, pictures } = read(body, () => Promise.reject(new Error("no image came")), leaving.signal);
    await expect(reply).rejects.toMatchObject({ code: "upstreamUnavailable", mayBeBilled: true });
    expect([seen.cancelled, pictures.held.used]).toEqual([true, 0]);
  });

  it("a listener that throws ends it, and the error is theirs", async () => {
    const mine = new SyntaxError("the store is gone");
    const { body, seen } = bodyOf([start + item(0), `,${item(1)}`]);
    const { reply, pictures } = read(body, () => Promise.reject(mine));
    await expect(reply).rejects.toBe(mine);
    expect([seen.cancelled, pictures.held.used]).toEqual([true, 0]);
  });

  it("an image beyond 64 MB is lost, and the others are not", async () => {
    const large = `{"b64_json":"${"A".repeat(90 * 1024 * 1024)}"}`;
    const onImage = ({ picture }: ReceivedImage) => picture.release();
    const { reply, pictures } = read(`${start}${large},${item(1)}]}`, onImage);
    const message = "The image is larger than 64 MB.";
    expect(await reply).toMatchObject({
      items: [{ kind: "lost", failure: { message } }, { kind: "received" }],
    });
    expect(pictures.held.used).toBe(0);
  });
});
