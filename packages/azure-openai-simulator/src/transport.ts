import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { SimulatedFault } from "./faults/fault.ts";
import type { Reply } from "./wire.ts";

/** Puts an answer on the wire, or as much of it as the fault lets through. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  fault: SimulatedFault,
  signal: AbortSignal,
): Promise<void> {
  const place = fault.cut ?? fault.stall;
  if (place === "before" || place === "arrival") return giveWay(response, fault, signal);
  const length = reply.status === 204 ? {} : { "content-length": String(reply.body.length) };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  const part = reply.body.subarray(0, Math.floor(reply.body.length * shareOf(place)));
  response.flushHeaders();
  await writeOut(response, part, fault, signal);
  if (place === undefined) response.end();
  else await giveWay(response, fault, signal);
}

/** A cut is a reset; a stall keeps the connection open and silent until the client leaves. */
export async function giveWay(
  response: ServerResponse,
  fault: SimulatedFault,
  signal: AbortSignal,
): Promise<void> {
  if (fault.cut === undefined) {
    if (!response.closed) await once(response, "close", { signal });
    return;
  }
  // A reset throws away what the client has not read yet, so what was sent gets a moment to arrive; in small parts, since a
  // client in this very process reads only between them.
  for (let turn = 0; turn < 10 && response.headersSent; turn += 1) await sleep(3, undefined, { signal });
  response.socket?.resetAndDestroy();
}

/** How much of a body comes through. Of one that is no stream, a place among events is its end. */
function shareOf(place: SimulatedFault["cut"]): number {
  if (place === undefined || place.startsWith("event:")) return 1;
  return place === "headers" ? 0 : Number.parseInt(place) / 100;
}

/** Writes bytes at the pace and in the pieces that the fault asks for. */
export async function writeOut(
  response: ServerResponse,
  bytes: Buffer,
  { rate, chunk }: SimulatedFault,
  signal: AbortSignal,
): Promise<void> {
  if (rate !== undefined) return trickle(response, bytes, rate, signal);
  const step = chunk ?? bytes.length;
  for (let at = 0; at < bytes.length && !response.closed; at += step) {
    await write(response, bytes.subarray(at, at + step));
  }
}

async function write(response: ServerResponse, part: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.write(part, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}

/** A tenth of a second's worth at a time, but never less than a byte. */
async function trickle(
  response: ServerResponse,
  part: Buffer,
  rate: number,
  signal: AbortSignal,
): Promise<void> {
  const step = Math.max(1, Math.floor(rate / 10));
  for (let at = 0; at < part.length && !response.closed; at += step) {
    response.write(part.subarray(at, at + step));
    await sleep((1000 * step) / rate, undefined, { signal });
  }
}
