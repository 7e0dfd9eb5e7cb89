import { core } from "../support/functions-core.ts";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import type * as library from "@azure/functions";
import type { HttpHandler } from "@azure/functions";
import { beforeAll, describe, expect, it } from "vitest";
import { bindingData, type RequestParts } from "../../packages/functions-host/src/binding-data.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { toHttpHandler } from "../../src/http/endpoint.ts";
import { type CoreModel, guardedModel } from "../../src/adapters/azure/guarded-model.ts";
import { keyAuthenticator } from "../support/authenticator.ts";
import { sha256Hex } from "../../local/settings.ts";

/** The function library itself, given calls as the real host describes them and requests as it forwards them. */
const key = "the-key-of-a-caller";
const principal = Buffer.from(
  JSON.stringify({ idempotency: [{ typ: "oid", val: "00000000-0000-0000-0000-000000000001" }] }),
).toString("base64");

let model: CoreModel;
let address: string;
beforeAll(async () => {
  // Required as the bundle does: an import asks the module loader that the worker's module isn't known to.
  const { app } = createRequire(import.meta.url)("@azure/functions") as typeof library;
  app.setup({ enableHttpStream: true });
  // The first function makes the library register its model.
  app.http("probe", { handler: () => ({ status: 200 }) });
  model = guardedModel(core.registrations.model as unknown as CoreModel, {
    refusals: { unreadable: () => ({ status: 400 }), unclaimed: () => ({ status: 503 }) },
    warn: () => undefined,
    maxWaitMs: 500,
  });
  address = (await model.getCapabilities({}))["HttpUri"] ?? "";
});

interface Call extends Partial<RequestParts> {
  method?: string;
  path?: string;
}

/** A call's half that comes over the worker's channel. */
async function invoke(handler: HttpHandler, id: string, parts: Partial<RequestParts> = {}): Promise<void> {
  const call = {
    invocationId: id,
    metadata: {
      name: "things-post",
      bindings: {
        request: { type: "httpTrigger", direction: "in" },
        $return: { type: "http", direction: "out" },
      },
    },
    request: {
      inputData: [{ name: "request", data: {} }],
      triggerMetadata: bindingData({ body: undefined, query: {}, params: {}, headers: {}, ...parts }),
      traceContext: {},
    },
    log: () => undefined,
  };
  const invocation = await model.getInvocationModel(call);
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(
    context,
    inputs,
    handler as (...inputs: unknown[]) => unknown,
  );
  await invocation.getResponse(context, result);
}

/** Its other half: the request as it is forwarded. Resolves with the answer's status and text. */
function forward(id: string, { method = "GET", path = "/api/things/A", headers = {} }: Call) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { port } = new URL(address);
    const forwarded = {
      "x-ms-invocation-id": id,
      "x-forwarded-host": "darkroom.example",
      "x-forwarded-proto": "https",
    };
    httpRequest({ port, method, path, headers: { ...headers, ...forwarded } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

async function run(handler: HttpHandler, call: Call) {
  const id = randomUUID();
  const [, answer] = await Promise.all([invoke(handler, id, call), forward(id, call)]);
  return answer;
}

const thing: Endpoint = {
  name: "things-post",
  method: "POST",
  route: "api/things/{id}",
  access: "caller",
  handle: ({ caller, params, request }) => ({
    status: 200,
    body: JSON.stringify({ caller, params, headers: Object.fromEntries(request.headers) }),
  }),
};
const guarded = (trustsEntraHeader: boolean) =>
  toHttpHandler(thing, {
    authenticator: keyAuthenticator({ apiKeys: new Map([["phone", sha256Hex(key)]]), trustsEntraHeader }),
    isOutage: () => false,
    corsOrigins: [],
  });

const forged = {
  "api-key": JSON.stringify({ "api-key": key }),
  authorization: JSON.stringify({ authorization: `Bearer ${key}` }),
  "x-ms-client-principal": JSON.stringify({ "x-ms-client-principal": principal }),
  "a bad name": '{"bad name":"x"}',
  "a bad value": JSON.stringify({ "api-key": "two\nlines" }),
  nothing: "",
  "no object": "7",
};
const names = ["Headers", "headers", "HEADERS"];
const cases = Object.entries(forged).flatMap(([what, value]) => names.map((name) => ({ what, name, value })));

describe.each([true, false])("with platform sign-in %s", (trustsEntraHeader) => {
  const handler = guarded(trustsEntraHeader);

  it.each(cases)("$what in a query named $name is never believed", async ({ name, value }) => {
    expect(await run(handler, { query: { [name]: value } })).toMatchObject({ status: 401 });
  });

  it.each(cases)("$what in a body field named $name is never believed", async ({ name, value }) => {
    const body = Buffer.from(JSON.stringify({ [name]: value }));
    expect(await run(handler, { method: "POST", body })).toMatchObject({ status: 401 });
  });

  it.each(names)("a caller's own headers count, whatever else is named %s", async (name) => {
    const { text } = await run(handler, { headers: { "api-key": key }, query: { [name]: "{}" } });
    expect(JSON.parse(text)).toMatchObject({
      caller: "key:phone",
      headers: { "api-key": key, host: "darkroom.example" },
    });
  });
});

it.each([
  ["query", { query: { ID: "B" }, params: { id: "A" } }],
  ["body field", { body: Buffer.from('{"Id":"B"}'), params: { id: "A" } }],
])(
  "a %s that differs from a route's parameter in case alone doesn't take its place",
  async (_what, parts) => {
    const { text } = await run(guarded(false), { ...parts, headers: { "api-key": key } });
    expect(JSON.parse(text)).toMatchObject({ params: { id: "A" } });
  },
);

it("a call whose request never comes fails, and the next one is served", async () => {
  await expect(invoke(guarded(false), randomUUID())).rejects.toThrow("did not arrive within 500 ms");
  expect(await run(guarded(false), { headers: { "api-key": key } })).toMatchObject({ status: 200 });
});

it("a request whose call never comes is answered", async () => {
  expect(await forward(randomUUID(), {})).toMatchObject({ status: 503 });
});

it("a request that comes after its call has failed is answered", async () => {
  const id = randomUUID();
  await expect(invoke(guarded(false), id)).rejects.toThrow();
  expect(await forward(id, {})).toMatchObject({ status: 503 });
});

it("a request that the library can't read is answered", async () => {
  expect(await run(guarded(false), { method: "TRACE" })).toMatchObject({ status: 400 });
});
