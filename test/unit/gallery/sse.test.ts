import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventReader, type ServerEvent } from "../../../gallery/api/sse.ts";

function read(...pieces: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const feed = eventReader((event) => events.push(event));
  for (const piece of pieces) feed(piece);
  return events;
}

const stream =
  ': hello\n\nid: 1\nevent: job.queued\ndata: {"a":1}\n\n: beat\n\nid: 2\r\nevent: job.running\r\ndata: first\r\ndata: "ü 二"\r\n\r\nid:3\rdata\r\rdata:x\n\n';
const messages = [
  { id: "1", type: "job.queued", data: '{"a":1}' },
  { id: "2", type: "job.running", data: 'first\n"ü 二"' },
  { id: "3", type: "message", data: "" },
  { id: "3", type: "message", data: "x" },
];

describe("a stream of events", () => {
  it("is read whole", () => expect(read(stream)).toEqual(messages));

  it("is the same however it is cut", () => {
    const cuts = fc.array(fc.nat(stream.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        const sorted = [0, ...places.sort((a, b) => a - b), stream.length];
        const pieces = sorted.slice(1).map((end, index) => stream.slice(sorted[index], end));
        expect(read(...pieces)).toEqual(messages);
      }),
    );
  });

  it("tells nothing that has not ended, and nothing of comments alone", () => {
    expect(read("id: 9\ndata: half\n")).toEqual([]);
    expect(read(": beat\n\n: beat\n\nevent: odd\n\n")).toEqual([]);
  });
});
