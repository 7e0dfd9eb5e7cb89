import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultReply } from "./fault-reply.ts";
import type { Answer, Passage } from "./proxy.ts";
import { type Action, leavesAnswerWhole } from "./rule.ts";
import { storageError } from "./storage-errors.ts";
import { upstreamError } from "./upstream-request.ts";

/** Does to one request what its rule says; without a rule, passes it on. */
export async function act(action: Action | undefined, passage: Passage): Promise<void> {
  const { response } = passage;
  switch (action?.kind) {
    case "reset":
      reset(response);
      return;
    case "hang":
      return gone(response);
    case "status":
      if (action.afterWork) await answerOf(passage);
      writeFault(response, errorOf(passage, action));
      return;
    case "delay":
      // As on a slow line: what a client had not got rid of when it left never arrives.
      await Promise.race([sleep(action.ms), gone(response)]);
      return response.closed ? undefined : pass(passage, undefined);
    case "lost":
      await answerOf(passage);
      reset(response);
      return;
    default:
      return pass(passage, action);
  }
}

/** The answer, forwarded as it comes or as the action lets it through. */
async function pass(passage: Passage, action: Action | undefined): Promise<void> {
  const { request, scope, kind, response } = passage;
  const arriving = await passage.forward();
  const isEvents = /event-stream/.test(arriving.headers["content-type"] ?? "");
  if (!action && (!scope || isEvents || !kind.onAnswer)) return stream(passage, arriving);
  const answer = await collect(passage, arriving);
  const shown = action?.kind === "body" ? withBody(answer, action.contentType, action.text) : answer;
  const bytes = action?.kind === "cut" ? Math.floor(shown.body.length * action.share) : shown.body.length;
  const isCut = bytes < shown.body.length || action?.kind === "cut";
  // A HEAD's answer names a length without a body: its headers go out as they are.
  response.writeHead(shown.status, shown.headers);
  response.flushHeaders();
  if (action?.kind === "slow") await trickle(response, shown.body, action.bytesPerSecond);
  else response.write(shown.body.subarray(0, bytes));
  if (isCut) {
    await drained(response);
    response.socket?.resetAndDestroy();
  } else await end(response);
  const isWhole = !isCut && (!action || leavesAnswerWhole(action)) && response.writableFinished;
  if (scope) kind.onForwarded?.(request, scope, answer, isWhole);
}

async function stream(passage: Passage, arriving: IncomingMessage): Promise<void> {
  const { request, scope, kind, response } = passage;
  response.writeHead(arriving.statusCode ?? 502, arriving.rawHeaders);
  response.flushHeaders();
  try {
    for await (const piece of arriving as AsyncIterable<Buffer>) {
      if (scope) kind.onPiece?.(request, scope, piece);
      await write(response, piece);
      if (response.closed) return;
    }
  } catch {
    // What is behind was cut off: so is the one who asked.
    response.socket?.resetAndDestroy();
    return;
  }
  await end(response);
  if (scope && response.writableFinished) kind.onPiecesEnd?.(request, scope);
}

/** Does the work and takes its answer, which nobody may see. */
async function answerOf(passage: Passage): Promise<Answer> {
  return collect(passage, await passage.forward());
}

async function collect(passage: Passage, arriving: IncomingMessage): Promise<Answer> {
  const { request, scope, kind } = passage;
  const answer: Answer = {
    status: arriving.statusCode ?? 502,
    headers: arriving.headers,
    body: await buffer(arriving as AsyncIterable<Buffer>),
  };
  return scope && kind.onAnswer ? kind.onAnswer(request, scope, answer) : answer;
}

function withBody(answer: Answer, contentType: string, text: string): Answer {
  const body = Buffer.from(text);
  const headers = { ...answer.headers, "content-type": contentType, "content-length": String(body.length) };
  return { ...answer, headers, body };
}

function errorOf({ request }: Passage, action: Action & { kind: "status" }): FaultReply {
  const { status, code, retryAfter } = action;
  return request.service === "upstream"
    ? upstreamError(status, code, retryAfter)
    : storageError(request, status, code);
}

function writeFault(response: ServerResponse, { status, headers, body }: FaultReply): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}

/** Waits until the piece is handed on, or nobody is there any more. */
async function write(response: ServerResponse, piece: Buffer): Promise<void> {
  if (response.closed) return;
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.write(piece, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}

/** When the client has left. */
async function gone(response: ServerResponse): Promise<void> {
  if (!response.closed) await once(response, "close");
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

async function end(response: ServerResponse): Promise<void> {
  if (response.closed) return;
  response.end();
  await Promise.race([once(response, "finish"), once(response, "close")]);
}

/** What was written gets a moment to arrive: a reset throws away what the other side has not read. */
async function drained(response: ServerResponse): Promise<void> {
  for (let turn = 0; turn < 20 && response.writableLength > 0; turn += 1) await sleep(5);
  await sleep(20);
}

/** A tenth of a second's worth at a time. */
async function trickle(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 10));
  for (let at = 0; at < body.length && !response.closed; at += step) {
    response.write(body.subarray(at, at + step));
    await sleep(100);
  }
}
