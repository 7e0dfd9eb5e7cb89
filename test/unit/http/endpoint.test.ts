import { RestError } from "@azure/data-tables";
import type { HttpResponseInit } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode, errorCodes, invalidRequest } from "../../../src/domain/app-error.ts";
import type { Access, Endpoint, EndpointCall } from "../../../src/http/endpoint.ts";
import { anApp } from "../../support/app.ts";
import { send } from "../../support/http.ts";

const path = "/api/things/7?signature=SECRET-SIGNATURE";
const asCaller = { "x-caller": "key:phone" };

function endpoint(
  handle: (call: EndpointCall) => HttpResponseInit | Promise<HttpResponseInit>,
  access: Access = "caller",
) {
  const made: Endpoint = { name: "things-get", method: "GET", route: "api/things/{id}", access, handle };
  return made;
}
const throwing = (error: unknown) =>
  send(
    endpoint(() => {
      throw error;
    }),
    { path, headers: asCaller },
  );

describe("every handler's answer", () => {
  it("carries the request's id, and forbids guessing at its type", async () => {
    const { headers, log } = await send(
      endpoint(() => ({ status: 200, headers: { "x-own": "kept" } })),
      { path, headers: asCaller },
    );
    expect(Object.fromEntries(headers)).toEqual({
      "x-own": "kept",
      "x-request-id": "request-1",
      "x-content-type-options": "nosniff",
    });
    expect(log.join("\n")).toMatch(/information: GET api\/things\/\{id\} 200 in \d+ ms, request request-1/);
  });

  it("comes even when its headers can't be sent", async () => {
    const { status, json } = await send(
      endpoint(() => ({ status: 200, headers: { location: "two\nlines" } })),
      { path, headers: asCaller },
    );
    expect([status, json]).toMatchObject([500, { error: { code: "internal" } }]);
  });

  it("is given to a handler that sees its route's parameters and nothing else the host mixes in", async () => {
    const seen: unknown[] = [];
    await send(
      endpoint(({ params, caller, requestId }) => {
        seen.push(params, caller, requestId);
        return { status: 200 };
      }),
      { path, headers: asCaller },
    );
    expect(seen).toEqual([{ id: "7" }, "key:phone", "request-1"]);
  });
});

describe("a handler that throws", () => {
  it.each([new Error("SECRET"), "SECRET", undefined, null, { toString: null }])(
    "%o is answered as internal, with nothing of it shown",
    async (error) => {
      const { status, json, text } = await throwing(error);
      expect([status, json]).toEqual([
        500,
        {
          error: {
            code: "internal",
            message: "Something failed on our side.",
            retryable: true,
            request_id: "request-1",
          },
        },
      ]);
      expect(text).not.toContain("SECRET");
    },
  );

  it("is logged with its request's id, and without the signature of any address in its text", async () => {
    const { log } = await throwing(
      new Error("GET https://x.example/a?sv=1&sig=SECRET-A&se=2 or ?signature=SECRET-B"),
    );
    expect(log.join("\n")).toMatch(/error: things-get failed, request request-1: .*GET https:\/\/x\.example/);
    expect(log.join("\n")).not.toMatch(/SECRET/);
  });

  it("a fault of the caller's own is not logged as a failure", async () => {
    const { log } = await throwing(new AppError("notFound", "There is no such job."));
    expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

describe("storage that", () => {
  const answering = (status: number | undefined) =>
    throwing(new RestError("SECRET", status === undefined ? {} : { statusCode: status }));

  it.each([
    ["isn't there", undefined],
    ["turns everybody away", 403],
    ["has too much to do", 429],
    ["is ill", 503],
  ])("%s is told as an outage, which is logged, and when to ask again", async (_name, status) => {
    const answer = await answering(status);
    expect([answer.status, answer.headers.get("retry-after"), answer.json]).toMatchObject([
      503,
      "5",
      { error: { code: "upstreamUnavailable", retryable: true } },
    ]);
    expect(answer.text).not.toContain("SECRET");
    expect(answer.log.join("\n")).toMatch(/error: things-get failed, request request-1/);
  });

  it.each([400, 404, 409, 412])(
    "answers %i was asked for the wrong thing: a mistake here",
    async (status) => {
      expect((await answering(status)).json).toMatchObject({ error: { code: "internal" } });
    },
  );
});

describe("a fault", () => {
  const statuses = {
    invalidRequest: 400,
    contentFilter: 400,
    unauthorized: 401,
    forbidden: 403,
    notFound: 404,
    conflict: 409,
    expired: 410,
    tooLarge: 413,
    unsupportedMedia: 415,
    idempotencyMismatch: 422,
    throttled: 429,
    budgetExceeded: 429,
    deadlineExceeded: 504,
    accountBlocked: 502,
    upstreamRejected: 502,
    upstreamUnavailable: 503,
    internal: 500,
  } satisfies Record<ErrorCode, number>;

  it.each(Object.entries(statuses))("%s is answered with %i", async (code, expected) => {
    const { status, json, headers } = await throwing(new AppError(code as ErrorCode, "Why."));
    expect([status, json]).toEqual([
      expected,
      {
        error: {
          code,
          message: "Why.",
          retryable: errorCodes[code as ErrorCode].retryable,
          request_id: "request-1",
        },
      },
    ]);
    expect(headers.get("retry-after")).toBe(expected === 429 || expected === 503 ? "5" : null);
    expect(headers.get("www-authenticate")).toBe(expected === 401 ? 'Bearer realm="Darkroom"' : null);
  });

  it("of one broken rule names it at the top; of several, all of them as well", async () => {
    const size = { param: "size", message: "size is wrong.", allowed: ["1024x1024"] };
    const n = { param: "n", message: "n is wrong." };
    expect((await throwing(invalidRequest([size]))).json).toEqual({
      error: {
        code: "invalidRequest",
        message: "size is wrong.",
        param: "size",
        allowed: ["1024x1024"],
        retryable: false,
        request_id: "request-1",
      },
    });
    expect((await throwing(invalidRequest([size, n]))).json).toMatchObject({
      error: { message: "size is wrong. n is wrong.", param: "size", details: [size, n] },
    });
  });
});

describe("authentication", () => {
  const ok = (access: Access) => endpoint(({ caller }) => ({ status: 200, body: `as ${caller}` }), access);

  it.each([
    ["public", "", 200, "as "],
    ["public", "key:phone", 200, "as "],
    ["caller", "", 401, undefined],
    ["caller", "key:phone", 200, "as key:phone"],
    ["callerOrSignature", "", 200, "as "],
    ["callerOrSignature", "key:phone", 200, "as key:phone"],
  ] as const)("of a %s endpoint, asked by %j, answers %i", async (access, who, expected, body) => {
    const { status, text } = await send(ok(access), { path, headers: who === "" ? {} : { "x-caller": who } });
    expect(status).toBe(expected);
    if (body !== undefined) expect(text).toBe(body);
  });

  it("stays shut for a signature's endpoint when there is none", async () => {
    expect((await send(ok("callerOrSignature"), { path: "/api/things/7" })).status).toBe(401);
  });

  it("that fails itself lets nobody in, and answers", async () => {
    const broken = {
      identify: () => {
        throw new Error("door");
      },
    };
    expect((await send(ok("caller"), { path }, broken)).status).toBe(500);
  });

  it("is public at the page and its files, the documents and the health check, and nowhere else", () => {
    const open = Object.values(anApp().endpoints).filter(({ access }) => access === "public");
    expect(open.map(({ name }) => name).sort()).toEqual([
      "assets-get",
      "connector-swagger-get",
      "connector-swagger-options",
      "docs-get",
      "health-get",
      "openapi-get",
      "page-get",
    ]);
  });

  it.each(Object.entries(anApp().endpoints).filter(([, { access }]) => access !== "public"))(
    "keeps anonymous callers out of %s before anything is read",
    async (_name, guarded) => {
      const app = anApp();
      const same = Object.values(app.endpoints).find(({ name }) => name === guarded.name) ?? guarded;
      const { status, json } = await send(same, { path: `/${guarded.route.replace(/\{\w+\}/g, "x")}` });
      expect([status, json, app.diary]).toMatchObject([401, { error: { code: "unauthorized" } }, []]);
    },
  );
});
