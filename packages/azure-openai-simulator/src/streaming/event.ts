import type { SimulatedFault } from "../faults/fault.ts";

/** One server-sent event. */
export interface ServerEvent {
  readonly name: string;
  /** The line behind `data:`, JSON unless a fault says otherwise. */
  readonly data: string;
  /** The index of a partial image, for the ledger. */
  readonly partial?: number;
}

/** An answer that comes bit by bit. Nothing is made before it is opened, and anyone who leaves ends the making. */
export interface EventStream {
  /** How many events there will be. */
  readonly count: number;
  open(leaving: AbortSignal): AsyncIterable<ServerEvent>;
}

const lineEnds = { lf: "\n", crlf: "\r\n", cr: "\r" } as const;

/** The event as it goes on the wire, after as many comments as asked. Their letters take two and three bytes each. */
export function renderEvent(
  { name, data }: ServerEvent,
  { line_ends: ends = "lf", comments = 0 }: Pick<SimulatedFault, "line_ends" | "comments">,
): { readonly flood: Buffer; readonly event: Buffer } {
  const end = lineEnds[ends];
  return {
    flood: Buffer.from(`: encore un moment, ça sèche …${end}${end}`.repeat(comments)),
    event: Buffer.from(`event: ${name}${end}data: ${data}${end}${end}`),
  };
}
