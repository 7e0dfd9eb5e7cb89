import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { GenerateResult } from "selfsigned";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { startTelemetry } from "../../src/adapters/telemetry/start.ts";
import { trustedLoopback } from "../support/loopback-tls.ts";
import { someTrace } from "../support/telemetry.ts";

/** The exporters as they are, over sockets. */

interface Envelope {
  name: string;
  tags: Record<string, string>;
  data: { baseType: string; baseData: Record<string, unknown> };
}

let servers: Server[] = [];
let address: string;
let secure: string;
let received: { path: string; headers: IncomingHttpHeaders; body: string }[];
let status: number;
let pems: GenerateResult;

beforeAll(async () => {
  pems = await trustedLoopback();
});

beforeEach(async () => {
  // Its maker's own statistics would go out to the world.
  for (const name of [
    "APPLICATION_INSIGHTS_NO_STATSBEAT",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
  ])
    vi.stubEnv(name, "true");
  received = [];
  status = 200;
  const take: RequestListener = (request, response) => {
    void buffer(request).then((bytes) => {
      const { url: path = "", headers } = request;
      const body = headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      received.push({ path, headers, body: body.toString() });
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ itemsReceived: 1, itemsAccepted: 1, errors: [] }));
    });
  };
  servers = [createServer(take), createSecureServer({ key: pems.private, cert: pems.cert }, take)];
  const ports = servers.map(async (server) => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  });
  address = `http://127.0.0.1:${await ports[0]}`;
  secure = `https://127.0.0.1:${await ports[1]}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const settings = { serviceName: "func-x", intervalMs: 3_600_000 };
const key = "12345678-1234-1234-1234-123456789012";
const insights = (identity?: { clientId?: string }) => ({
  connectionString: `InstrumentationKey=${key};IngestionEndpoint=${secure}/`,
  ...(identity && { identity }),
});
const noCredential = () => {
  throw new Error("not asked for");
};

it("Application Insights gets spans and counters, under the app's name and in the request's operation", async () => {
  const telemetry = await startTelemetry({ ...settings, applicationInsights: insights() }, noCredential);
  await telemetry.span(
    {
      name: "upstream render",
      kind: "client",
      parent: someTrace,
      attributes: { "darkroom.model": "dall-e-3" },
    },
    () => Promise.resolve(),
  );
  telemetry.add("darkroom.upstream.calls", 3, { "darkroom.outcome": "images" });
  await telemetry.stop();
  const envelopes = received.flatMap(({ body }) => JSON.parse(body) as Envelope[]);
  const span = envelopes.find(({ data }) => data.baseType === "RemoteDependencyData");
  expect(span).toMatchObject({
    tags: {
      "ai.operation.id": "a".repeat(32),
      "ai.operation.parentId": "b".repeat(16),
      "ai.cloud.role": "func-x",
    },
    data: {
      baseData: { name: "upstream render", success: true, properties: { "darkroom.model": "dall-e-3" } },
    },
  });
  const metrics = envelopes.filter(({ data }) => data.baseType === "MetricData");
  expect(metrics.map(({ data }) => data.baseData)).toContainEqual(
    expect.objectContaining({
      metrics: [expect.objectContaining({ name: "darkroom.upstream.calls", value: 3 })],
      properties: { "darkroom.outcome": "images" },
    }),
  );
});

it("with an identity, that client's token goes with everything, and nothing goes without one", async () => {
  const asked: (string | undefined)[] = [];
  let isKnown = true;
  const credential = (clientId: string | undefined) => {
    asked.push(clientId);
    const token = { token: "a-token", expiresOnTimestamp: Date.now() + 3_600_000 };
    return { getToken: () => (isKnown ? Promise.resolve(token) : Promise.reject(new Error("nobody"))) };
  };
  for (isKnown of [true, false]) {
    const applicationInsights = insights({ clientId: "the-client" });
    const telemetry = await startTelemetry({ ...settings, applicationInsights }, credential);
    await telemetry.span({ name: `known: ${isKnown}` }, () => Promise.resolve());
    await telemetry.stop();
  }
  expect(new Set(asked)).toEqual(new Set(["the-client"]));
  expect(received.length).toBeGreaterThan(0);
  expect(new Set(received.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer a-token"]));
  expect(received.map(({ body }) => body).join()).not.toContain("known: false");
});

it("a collector that answers with errors, or is away, costs no work and little time", async () => {
  status = 503;
  for (const otlpEndpoint of [address, "http://127.0.0.1:9"]) {
    const telemetry = await startTelemetry({ ...settings, otlpEndpoint }, noCredential);
    expect(await telemetry.span({ name: "work" }, () => Promise.resolve("done"))).toBe("done");
    telemetry.add("darkroom.jobs", 1, {});
    await telemetry.stop();
  }
  expect(received.map(({ path }) => path)).toEqual(expect.arrayContaining(["/v1/traces", "/v1/metrics"]));
});
