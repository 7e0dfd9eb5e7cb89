import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import type { OnPartial } from "../../src/ports/image-model.ts";
import { completedEvent, event, partialEvent, pixelNumber, usage } from "../support/event-stream.ts";
import { never, useSimulator } from "../support/image-service.ts";
import { useScriptedService } from "../support/scripted-service.ts";

const { modelAt } = useSimulator();
const scripted = useScriptedService();

const request: ImageRequest = {
  prompt: "canary-4715",
  n: 1,
  size: "1024x1024",
  stream: true,
  partial_images: 2,
};

// Without a length the body ends with the connection: an end in the middle of it looks like any other end.
const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const whole = [partialEvent(0), partialEvent(1), completedEvent()];
const text = whole.join("");

async function read(pieces: readonly (string | Uint8Array)[], close: boolean) {
  const service = await scripted(() => ({ bytes: [head, ...pieces], close }));
  const steps: number[] = [];
  const listen: OnPartial = ({ step }) => Promise.resolve(void steps.push(step));
  const model = modelAt("gpt-image-1", { endpoint: service.url });
  const reply = await model.render(request, 1, never, listen).catch((error: unknown) => error);
  return { reply, steps };
}

const ambiguous = { name: "AppError", code: "upstreamUnavailable", mayBeBilled: true };
const image = { kind: "images", items: [{ kind: "image", bytes: pixelNumber(9) }], usage };

/** The places at event boundaries, in their line ends, and in the middle of their names and data. */
const places = whole.flatMap((event, at) => {
  const start = whole.slice(0, at).join("").length;
  const end = start + event.length;
  return [start, start + 10, start + event.indexOf("data:") + 20, end - 30, end - 3];
});

describe("a socket that ends", () => {
  it.each(places)("after %i bytes of the stream leaves the outcome open", async (length) => {
    const complete = whole.filter((_event, at) => whole.slice(0, at + 1).join("").length - 2 <= length);
    for (const close of [true, false]) {
      const { reply, steps } = await read([text.slice(0, length)], close);
      expect(reply).toMatchObject(ambiguous);
      // A reset may overtake what it follows.
      if (close) expect(steps).toEqual(complete.map((_event, at) => at));
    }
  });

  it("after the last event has brought the image", async () => {
    expect((await read([text], true)).reply).toEqual(image);
  });
});

describe("a socket that brings", () => {
  it("one byte at a time is read like any other", async () => {
    const { reply, steps } = await read(
      Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte)),
      true,
    );
    expect(steps).toEqual([0, 1]);
    expect(reply).toEqual(image);
  });

  it("a flood of comments before, between and inside events drowns none of them", async () => {
    const flood = ": still at it, ça sèche …\r\n\r\n".repeat(20_000);
    const torn = whole.map((one) => one.replace("data:", ": one more\ndata:"));
    const { reply, steps } = await read(
      torn.flatMap((one) => [flood, one]),
      true,
    );
    expect(steps).toEqual([0, 1]);
    expect(reply).toEqual(image);
  });

  it("events of kinds nobody knows is read past them", async () => {
    const strange = event("image_generation.sketch", { b64_json: "AAAA" });
    const { reply, steps } = await read([strange, whole[0]!, strange, whole[2]!], true);
    expect(steps).toEqual([0]);
    expect(reply).toEqual(image);
  });

  it("an error in the middle that quotes the prompt tells it to nobody", async () => {
    const reported = event("error", { error: { code: "server_error", message: "no canary-4715 today" } });
    const { reply } = await read([whole[0]!, reported], true);
    expect(reply).toMatchObject(ambiguous);
    expect((reply as Error).message).not.toContain("canary");
  });
});
