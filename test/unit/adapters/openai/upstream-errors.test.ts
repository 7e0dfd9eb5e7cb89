import fc from "fast-check";
import { APIConnectionError, APIError } from "openai";
import { describe, expect, it } from "vitest";
import { AppError, UpstreamError } from "../../../../src/domain/app-error.ts";
import { safeReason, sortError } from "../../../../src/adapters/openai/upstream-errors.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const prompt = "A multi-colored umbrella on the beach, with a disposable camera";
const settle = (error: unknown) => sortError(error, prompt, now);
const answered = (status: number, error: object = {}, headers: Record<string, string> = {}) =>
  APIError.generate(status, { error }, undefined, new Headers(headers));

function thrownBy(error: unknown): unknown {
  try {
    settle(error);
  } catch (thrown) {
    return thrown;
  }
  throw new Error("Nothing was thrown.");
}

describe("an answer that no retry cures", () => {
  it.each([
    [400, { code: "contentFilter" }, { kind: "refused" }],
    [403, { inner_error: { code: "ResponsibleAIPolicyViolation" } }, { kind: "refused" }],
    [403, { code: "Forbidden" }, { kind: "accountBlocked" }],
    [429, { code: "insufficient_quota" }, { kind: "accountBlocked" }],
    [400, { code: "billing_hard_limit_reached" }, { kind: "accountBlocked" }],
    [
      400,
      { code: "invalid_size", message: "no" },
      { kind: "rejected", failure: { code: "upstreamRejected" } },
    ],
    [404, { code: "DeploymentNotFound" }, { kind: "unavailable", mayBeBilled: false }],
    [422, {}, { kind: "rejected" }],
  ])("%i %j is settled as %j", (status, body, settled) => {
    expect(settle(answered(status, body))).toMatchObject(settled);
  });
});

describe("a throttled answer", () => {
  it.each([
    [429, {}, 0],
    [429, { "retry-after": "4" }, 4_000],
    [503, { "retry-after": "2" }, 2_000],
    [429, { "retry-after-ms": "250" }, 250],
  ])("%i with %j waits %i ms", (status, headers, retryAfterMs) => {
    expect(settle(answered(status, {}, headers))).toEqual({ kind: "throttled", retryAfterMs });
  });
});

const broken = (code: string) => {
  const socket = Object.assign(new Error("socket"), { code });
  return new APIConnectionError({ cause: new TypeError("fetch failed", { cause: socket }) });
};

describe("a service that isn't there", () => {
  it.each([answered(503), ...["ECONNREFUSED", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"].map(broken)])(
    "has billed nothing and may come back: %s",
    (error) => {
      expect(settle(error)).toMatchObject({ kind: "unavailable", failure: { code: "upstreamUnavailable" } });
    },
  );
});

describe("a failure that names a wait", () => {
  it.each([500, 502, 504, 408])("of status %i is waited for and stays in doubt", (status) => {
    expect(settle(answered(status, {}, { "retry-after": "2" }))).toMatchObject({
      kind: "unavailable",
      retryAfterMs: 2_000,
      mayBeBilled: true,
    });
  });
});

describe("a fault that a retry may cure", () => {
  it.each([
    [401, false],
    [408, true],
    [409, false],
    [500, true],
    [502, true],
    [504, true],
  ])("of status %i may be billed: %s", (status, mayBeBilled) => {
    const thrown = thrownBy(answered(status));
    expect(thrown).toBeInstanceOf(UpstreamError);
    expect(thrown).toMatchObject({ code: "upstreamUnavailable", mayBeBilled });
  });

  it.each([
    ["ECONNRESET", true],
    ["UND_ERR_SOCKET", true],
  ])("of a connection that ended by %s may be billed: %s", (code, mayBeBilled) => {
    expect(thrownBy(broken(code))).toMatchObject({ mayBeBilled });
  });

  it("that was born inside the client comes out as it was", () => {
    const failure = new UpstreamError("no access token could be had", { mayBeBilled: false });
    expect(thrownBy(new Error("the client's own words", { cause: failure }))).toBe(failure);
  });

  it.each([new SyntaxError("Unexpected token <"), new Error("odd"), "text", undefined])(
    "of which nothing is known may be billed: %s",
    (error) => {
      expect(thrownBy(error)).toMatchObject({ mayBeBilled: true });
    },
  );

  it("that was sorted already goes on as it is", () => {
    const failure = new AppError("internal", "ours");
    expect(thrownBy(failure)).toBe(failure);
  });
});

describe("a reason that is shown", () => {
  it.each([
    [{ code: "invalid_size", message: "Use 1024x1024." }, "invalid_size: Use 1024x1024."],
    [{ message: "two\n\tlines" }, "two lines"],
    [{ code: 7 }, "7"],
    [{ code: "x", message: "see https://aka.ms/help?sig=1 for more" }, "x: see [link] for more"],
    [{ message: "blob HTTP://x.example/a?sig=1" }, "blob [link]"],
    [{ code: "bad", message: `Can't draw "${prompt}".` }, "bad"],
    [{ code: "bad", message: `Can't draw "${prompt.toUpperCase()}".` }, "bad"],
    [{ code: "bad", message: `Can't draw "${prompt.slice(0, 40)}…".` }, "bad"],
    [{ code: "bad", message: "Can't draw A multi-colored\n umbrella on the   beach" }, "bad"],
    [{ code: prompt, message: "no" }, "no"],
    [{ code: "https://x.example/?sig=1" }, "no reason given"],
    [{}, "no reason given"],
    [{ code: null, message: null }, "no reason given"],
  ])("of %j is %j", (error, reason) => {
    expect(safeReason(error, prompt)).toBe(reason);
  });

  it("is short", () => {
    expect(safeReason({ code: "c".repeat(900), message: "m ".repeat(900) }, prompt).length).toBeLessThan(300);
  });

  it("never has the prompt, a long part of it, or a link, wherever the service quotes them", () => {
    const text = fc.string({ maxLength: 60 });
    const secret = fc.stringMatching(/^[a-z]{20,40}$/);
    fc.assert(
      fc.property(text, secret, text, (before, quoted, after) => {
        const message = `${before}${quoted} https://x.example/?sig=${quoted}${after}`;
        const reason = safeReason({ code: "bad", message }, `draw ${quoted} now`);
        expect(reason).not.toContain(quoted);
        expect(reason).not.toContain("x.example");
      }),
    );
  });
});
