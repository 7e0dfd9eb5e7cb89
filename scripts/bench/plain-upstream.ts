import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type PictureName, pictureOf } from "./pictures.ts";

/**
 * An image service that costs next to nothing, so that what is measured is the one that asks it: finished replies, sent as they are.
 * The prompt says which: `[[picture=small]] [[latency=100]]`. Streams send one partial image of 200 kB first.
 * `GET /partials` lists when the last byte of each was written, in epoch milliseconds.
 */
const partialsWrittenAt: number[] = [];
const replies = new Map<string, Promise<Buffer>>();

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
}).listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: true, url: `http://127.0.0.1:${port}` });
});
// A connection that rests between two laps is still good.
server.keepAliveTimeout = 600_000;
process.once("disconnect", () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "GET") {
    response.end(JSON.stringify(partialsWrittenAt));
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const asked = JSON.parse(Buffer.concat(pieces).toString()) as Asked;
  const said = (name: string) => new RegExp(`\\[\\[${name}=(\\w+)\\]\\]`).exec(asked.prompt)?.[1];
  const picture = (said("picture") ?? "usual") as PictureName;
  const latencyMs = Number(said("latency") ?? 0);
  if (asked.stream === true) {
    await stream(response, latencyMs);
    return;
  }
  const body = await replyOf(picture, asked.n ?? 1);
  await sleep(latencyMs);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
}

interface Asked {
  prompt: string;
  n?: number;
  stream?: boolean;
}

function replyOf(picture: PictureName, n: number): Promise<Buffer> {
  const key = `${picture} ${n}`;
  const reply = replies.get(key) ?? makeReply(picture, n);
  replies.set(key, reply);
  return reply;
}

async function makeReply(picture: PictureName, n: number): Promise<Buffer> {
  const b64_json = (await pictureOf(picture)).toString("base64");
  return Buffer.from(
    JSON.stringify({ created: 1, data: Array.from({ length: n }, () => ({ b64_json })), usage }),
  );
}

const usage = {
  input_tokens: 10,
  output_tokens: 1_000,
  total_tokens: 1_010,
  input_tokens_details: { text_tokens: 10, image_tokens: 0 },
};

async function stream(response: ServerResponse, latencyMs: number): Promise<void> {
  const [partial, last] = await Promise.all([pictureOf("partial"), pictureOf("small")]);
  response.writeHead(200, { "content-type": "text/event-stream" });
  await sleep(latencyMs / 2);
  const type = "image_generation.partial_image";
  await event(response, type, { type, partial_image_index: 0, b64_json: partial.toString("base64") });
  partialsWrittenAt.push(Date.now());
  await sleep(latencyMs / 2);
  const end = "image_generation.completed";
  await event(response, end, { type: end, b64_json: last.toString("base64"), usage });
  response.end();
}

/** Resolves once the operating system has it all. */
function event(response: ServerResponse, name: string, data: object): Promise<void> {
  return new Promise((resolve) => {
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`, () => resolve());
  });
}
