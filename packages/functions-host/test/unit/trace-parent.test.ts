import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { hostSpanOf } from "../../src/http-message.ts";

const given = (traceparent: string | undefined) =>
  hostSpanOf({ headers: { traceparent } } as unknown as IncomingMessage).split("-");
const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

it("the host's span of a request is in the client's trace, kept or not as the client says, and isn't the client's", () => {
  for (const flags of ["01", "00"]) {
    const [version, ofTrace, ofSpan, kept] = given(`00-${trace}-${span}-${flags}`);
    expect([version, ofTrace, kept]).toEqual(["00", trace, flags]);
    expect(ofSpan).toMatch(/^[0-9a-f]{16}$/);
    expect(ofSpan).not.toBe(span);
  }
});

it.each([
  undefined,
  "",
  "nonsense",
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `00-${trace}-${span}-01-more`,
])("%s names no trace: one begins", (traceparent) => {
  const [, ofTrace, , kept] = given(traceparent);
  expect(ofTrace).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(ofTrace).not.toBe(trace);
  expect(kept).toBe("01");
});
