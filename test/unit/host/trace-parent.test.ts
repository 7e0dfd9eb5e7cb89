import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { traceParentOf } from "../../../local/host/http-message.ts";

const given = (traceparent: string | undefined) =>
  traceParentOf({ headers: { traceparent } } as unknown as IncomingMessage);
const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

it("a client's trace is taken as it says it", () => {
  expect(given(`00-${trace}-${span}-01`)).toBe(`00-${trace}-${span}-01`);
  expect(given(`00-${trace}-${span}-00`)).toBe(`00-${trace}-${span}-00`);
});

it.each([
  undefined,
  "",
  "nonsense",
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `00-${trace}-${span}-01-more`,
])("%s names none", (traceparent) => {
  expect(given(traceparent)).toBeUndefined();
});
