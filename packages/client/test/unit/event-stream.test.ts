import { expect, it } from "vitest";
import { type Message, readMessages } from "../../src/event-stream.ts";

const long = 60_000;

async function read(body: ReadableStream<Uint8Array>, stallMs = long): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of readMessages(body, stallMs)) messages.push(message);
  return messages;
}

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
}

it("messages are whole however the bytes are cut, without comments", async () => {
  const text =
    ': hello\n\nid: 1\nevent: a\ndata: {"name":"Öl"}\n\n: still here\n\nid: 2\ndata: b\ndata: c\n\ndata: cut';
  for (const size of [1, 7, 1_000]) {
    expect(await read(streamOf(new TextEncoder().encode(text), size))).toEqual([
      { id: "1", data: '{"name":"Öl"}' },
      { id: "2", data: "b\nc" },
    ]);
  }
});

it("a stream on which nothing comes any more ends, and its connection is let go", async () => {
  let isCanceled = false;
  const silent = new ReadableStream<Uint8Array>({ cancel: () => void (isCanceled = true) });
  expect([await read(silent, 1), isCanceled]).toEqual([[], true]);
});

it("one who stops reading lets go of the connection", async () => {
  let isCanceled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
    cancel: () => void (isCanceled = true),
  });
  for await (const { data } of readMessages(endless, long)) {
    expect(data).toBe("a");
    break;
  }
  expect(isCanceled).toBe(true);
});
