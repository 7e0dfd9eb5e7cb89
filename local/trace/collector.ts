import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../../packages/functions-host/src/listen.ts";
import { readNumbers, readSpans, type OtlpNumber, type OtlpSpan } from "./otlp-types.ts";

export interface Collector {
  /** What an app is given as OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  close(): Promise<void>;
}

export interface Listening {
  onSpans?: (spans: OtlpSpan[]) => void;
  onNumbers?: (numbers: OtlpNumber[]) => void;
  /** Everything as it came. */
  onBody?: (body: string) => void;
}

/** A collector of OpenTelemetry's traces and metrics for one machine: OTLP over HTTP, in JSON, on a free port. */
export async function startCollector({ onSpans, onNumbers, onBody }: Listening): Promise<Collector> {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (request.method === "POST") {
      onBody?.(body);
      const payload: unknown = JSON.parse(body);
      if (request.url === "/v1/traces") onSpans?.(readSpans(payload));
      if (request.url === "/v1/metrics") onNumbers?.(readNumbers(payload));
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.writeHead(400).end());
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
