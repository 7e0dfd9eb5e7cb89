import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Clock } from "./clock.ts";
import { control, isControl } from "./control.ts";
import { FaultBook } from "./faults/fault-book.ts";
import { Ledger } from "./ledger.ts";
import { Operations } from "./operations.ts";
import { PictureStore } from "./picture-store.ts";
import { RateLimits } from "./rate-limits.ts";
import { matchRoute } from "./routes.ts";
import { errorReply, resourceNotFound } from "./service-error.ts";
import { serve } from "./service.ts";
import { changeSettings, defaultSettings, type SettingsChange } from "./settings.ts";
import { UrlSigner } from "./signed-url.ts";
import type { Simulation } from "./simulation.ts";
import { send } from "./transport.ts";

export interface SimulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** A random one by default. */
  readonly apiKey?: string;
  readonly settings?: SettingsChange;
}

export interface Simulator {
  readonly url: string;
  readonly apiKey: string;
  close(): Promise<void>;
}

/** Starts a simulated Azure OpenAI image service on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulation = createSimulation(options);
  const server = createServer((request, response) => {
    handle(request, response, simulation).catch((error: unknown) => {
      // Left without an answer: a client that is gone, or a simulator that closes. Anything else is a defect.
      if (!response.closed && !simulation.clock.signal.aborted) console.error(error);
      response.destroy();
    });
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  simulation.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: simulation.url, apiKey: simulation.apiKey, close: () => close(server, simulation) };
}

function createSimulation({ apiKey, settings = {} }: SimulatorOptions): Simulation {
  return {
    apiKey: apiKey ?? randomBytes(16).toString("hex"),
    clock: new Clock(),
    ledger: new Ledger(),
    faults: new FaultBook(),
    operations: new Operations(),
    pictures: new PictureStore(),
    signer: new UrlSigner(randomBytes(32)),
    rateLimits: new RateLimits(),
    settings: changeSettings(defaultSettings, settings),
    url: "",
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  simulation: Simulation,
): Promise<void> {
  const url = new URL(request.url ?? "/", simulation.url);
  if (isControl(url.pathname)) {
    await send(response, await control(request, url, simulation), {}, simulation.clock.signal);
    return;
  }
  const route = matchRoute(request.method ?? "", url.pathname);
  if (route !== undefined) await serve(request, response, url, route, simulation);
  else await send(response, errorReply("azure", resourceNotFound()), {}, simulation.clock.signal);
}

async function close(server: Server, { clock }: Simulation): Promise<void> {
  clock.close();
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
