import { describe, expect, it } from "vitest";
import { EventFramer, type Framed } from "../../../../src/adapters/openai/reading/event-framer.ts";

/** The events of a text by name and data, fed in these pieces. */
function frame(pieces: readonly Buffer[]): [string, string][] {
  const framer = new EventFramer();
  const events: [string, string][] = [];
  let data: Buffer[] = [];
  const take = (framed: Iterable<Framed>) => {
    for (const part of framed) {
      if (part.kind === "data") data.push(part.bytes);
      else {
        events.push([part.name, Buffer.concat(data).toString()]);
        data = [];
      }
    }
  };
  for (const piece of pieces) take(framer.push(piece));
  take(framer.end());
  return events;
}

const shapes: [string, string, [string, string][]][] = [
  [
    "events with names",
    "event: a\ndata: 1\n\nevent: b\ndata: 2\n\n",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  [
    "events without names",
    "data: 1\n\ndata:2\n\n",
    [
      ["", "1"],
      ["", "2"],
    ],
  ],
  ["a name behind the data", "data: 1\nevent: a\n\n", [["a", "1"]]],
  ["data over several lines", "data: {\ndata:  1\ndata\ndata:}\n\n", [["", "{\n 1\n}"]]],
  ["comments and fields that nobody needs", ": hi\nid: 7\nretry: 9\nother\ndata: 1\n: ho\n\n", [["", "1"]]],
  ["an event without data", "event: ping\n\ndata: 1\n\n", [["", "1"]]],
  ["an event that only the end closes", "event: a\ndata: 1", [["a", "1"]]],
  [
    "events without blank lines",
    "event: a\ndata: 1\nevent: b\ndata: 2\n",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  ["letters outside ASCII", "event: a\ndata: ça sèche 🌧\n\n", [["a", "ça sèche 🌧"]]],
  [
    "more blank lines than needed",
    "\n\ndata: 1\n\n\n\ndata: 2\n\n\n",
    [
      ["", "1"],
      ["", "2"],
    ],
  ],
];
const lineEnds = [
  ["line feeds", "\n"],
  ["both", "\r\n"],
  ["carriage returns", "\r"],
] as const;

describe.each(lineEnds)("with %s as line ends,", (_name, end) => {
  it.each(shapes)("%s are read, wherever they are torn", (_what, text, expected) => {
    const bytes = Buffer.from(text.replaceAll("\n", end));
    expect(frame([bytes])).toEqual(expected);
    expect(frame(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(frame([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
    }
  });
});
