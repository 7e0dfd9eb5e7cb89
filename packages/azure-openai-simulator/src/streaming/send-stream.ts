import type { ServerResponse } from "node:http";
import type { SimulatedFault } from "../faults/fault.ts";
import type { CallEntry, StreamRecord } from "../ledger.ts";
import { giveWay, writeOut } from "../transport.ts";
import type { Reply } from "../wire.ts";
import { type EventStream, renderEvent, type ServerEvent } from "./event.ts";

export interface Sending {
  readonly fault: SimulatedFault;
  readonly entry: CallEntry;
  /** Wakes when the client leaves or the simulator closes. */
  readonly leaving: AbortSignal;
}

/** Puts a stream on the wire as it is made, or as much of it as the fault lets through. */
export async function sendStream(
  response: ServerResponse,
  { status, headers }: Reply,
  stream: EventStream,
  { fault, entry, leaving }: Sending,
): Promise<void> {
  const place = placeOf(fault, stream.count);
  if (place === "before") {
    await runDown(stream, leaving);
    return giveWay(response, fault, leaving);
  }
  const record = startRecord(entry);
  response.writeHead(status, headers);
  response.flushHeaders();
  let written = 0;
  // A cut between two events comes right after the first of them, not when the other is due.
  if (place <= 0) return giveWay(response, fault, leaving);
  for await (const event of stream.open(leaving)) {
    const { flood, event: bytes } = renderEvent(event, fault);
    const share = Math.min(1, place - written);
    await writeOut(response, flood, fault, leaving);
    const at = Date.now();
    await writeOut(response, bytes.subarray(0, Math.floor(bytes.length * share)), fault, leaving);
    if (response.closed) return;
    if (share === 1) note(record, event, at);
    written += share;
    if (written >= place) return giveWay(response, fault, leaving);
  }
  record.ended = true;
  response.end();
}

/** Does the work of a stream that nobody is going to read. */
export async function runDown(stream: EventStream, leaving: AbortSignal): Promise<void> {
  const events = stream.open(leaving)[Symbol.asyncIterator]();
  while ((await events.next()).done !== true);
}

/** After how many events the wire gives way: the fraction is a part of the next one. */
function placeOf({ cut, stall }: SimulatedFault, count: number): number | "before" {
  const place = cut ?? stall;
  if (place === undefined) return Infinity;
  if (place === "before" || place === "arrival") return "before";
  if (place === "headers") return 0;
  if (place.startsWith("event:")) return Number(place.slice("event:".length));
  return (Number.parseInt(place) / 100) * count;
}

function startRecord(entry: CallEntry): StreamRecord {
  entry.stream = { partials: [], completedAt: undefined, erredAt: undefined, ended: false };
  return entry.stream;
}

function note(record: StreamRecord, { name, partial }: ServerEvent, at: number): void {
  if (partial !== undefined) record.partials.push({ index: partial, at });
  else if (name === "error") record.erredAt = at;
  else record.completedAt = at;
}
