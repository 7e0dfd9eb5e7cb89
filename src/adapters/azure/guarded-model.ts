import { createRequire } from "node:module";
import type { IncomingMessage } from "node:http";
import type { HttpResponseInit } from "@azure/functions";
import { type ForwardedRequests, forwardedRequests, invocationIdHeader } from "./forwarded-requests.ts";

/** One call, as the worker describes it (azure-functions-nodejs-worker, CoreInvocationContext). The parts used here. */
export interface CoreCall {
  invocationId: string;
  metadata: { name: string; bindings: Record<string, { type?: string; direction?: string }> };
  request: {
    inputData?: { name: string; data: object }[];
    triggerMetadata?: Record<string, object> | null;
  };
}

/** One call, as the function library carries it out (@azure/functions, InvocationModel). */
export interface CallModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(
    context: unknown,
    inputs: unknown[],
    handler: (...inputs: unknown[]) => unknown,
  ): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

/** What the function library registers with the worker (@azure/functions, ProgrammingModel). */
export interface CoreModel {
  name: string;
  version: string;
  getInvocationModel(call: CoreCall): CallModel | Promise<CallModel>;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

interface WorkerCore {
  getProgrammingModel(): CoreModel;
  setProgrammingModel(model: CoreModel): void;
  log(level: "warning", category: "system", message: string): void;
}

/** How requests are answered that no handler gets to see. */
export interface Refusals {
  /** The request can't be made into one that a handler could read. */
  unreadable(invocationId: string): HttpResponseInit;
  /** The host never said which function the request is for. */
  unclaimed(invocationId: string): HttpResponseInit;
}

interface Options {
  refusals: Refusals;
  warn: (message: string) => void;
  maxWaitMs?: number;
}

// Far above what a request takes from the host to this process, and far below the function timeout of ten minutes: when
// that runs out, the host ends this process with all that it is doing.
const defaultMaxWaitMs = 15_000;

/**
 * Puts the guard between the worker and the function library, once that has registered its first function. The module is the
 * worker's own, and not there outside of one.
 */
export function guardProgrammingModel(refusals: Refusals): void {
  const core = createRequire(import.meta.url)("@azure/functions-core") as WorkerCore;
  const warn = (message: string) => core.log("warning", "system", message);
  core.setProgrammingModel(guardedModel(core.getProgrammingModel(), { refusals, warn }));
}

/**
 * The programming model of @azure/functions 4.16.5, without three of its ways with streamed HTTP requests:
 *
 * - It takes a request's headers from the trigger metadata (createStreamRequest). Those are the host's binding data, in
 *   which a query parameter or a field of a JSON body named `Headers` stands in the place of the headers
 *   (HttpTriggerAttributeBindingProvider.GetRequestBindingDataAsync): anyone could write any identity there. Here they are
 *   the forwarded request's own, and nothing else of the metadata is passed on.
 * - It waits without end for the forwarded request (waitForProxyRequest), which the host may never send.
 * - It never answers a request that it can't read, nor one whose call doesn't come.
 */
export function guardedModel(
  model: CoreModel,
  { refusals, warn, maxWaitMs = defaultMaxWaitMs }: Options,
): CoreModel {
  let forwarded: ForwardedRequests | undefined;

  /** A call of our own making, by which the library answers the request and forgets it. */
  async function answerUnclaimed(invocationId: string): Promise<void> {
    const call: CoreCall = {
      invocationId,
      metadata: { name: "unclaimed", bindings: httpBindings },
      request: { inputData: [{ name: "request", data: {} }], triggerMetadata: {} },
    };
    const inner = await model.getInvocationModel(call);
    const { context } = await inner.getArguments();
    await inner.getResponse(context, refusals.unclaimed(invocationId));
  }

  return {
    name: model.name,
    version: model.version,
    async getCapabilities(given) {
      const capabilities = await model.getCapabilities(given);
      const { HttpUri: address } = capabilities;
      if (address !== undefined) {
        forwarded = forwardedRequests({
          port: Number(new URL(address).port),
          maxWaitMs,
          onUnclaimed: (id) =>
            void answerUnclaimed(id).catch(() => warn("A request without a call is lost.")),
        });
      }
      return capabilities;
    },
    async getInvocationModel(call) {
      const inner = await model.getInvocationModel(call);
      if (!isHttp(call)) return inner;
      // Without streaming, the whole request is the trigger's data, and the library reads no metadata.
      call.request.triggerMetadata = {};
      if (!forwarded) return inner;
      const requests = forwarded;
      const getArguments = inner.getArguments.bind(inner);
      inner.getArguments = async () => {
        const request = await requests.of(call.invocationId);
        call.request.triggerMetadata = { Headers: { json: JSON.stringify(headersOf(request)) } };
        try {
          return await getArguments();
        } catch {
          // Not thrown on: the host would wait for an answer of the library, which then gives none.
          inner.invokeFunction = () => Promise.resolve(refusals.unreadable(call.invocationId));
          call.request.inputData = [];
          return getArguments();
        }
      };
      return inner;
    },
  };
}

const httpBindings = {
  request: { type: "httpTrigger", direction: "in" },
  $return: { type: "http", direction: "out" },
};

function isHttp({ metadata }: CoreCall): boolean {
  return Object.values(metadata.bindings).some(({ type }) => type?.toLowerCase() === "httptrigger");
}

/** The headers as the client sent them to the host, which writes its own address into `host` on the way. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const sent = { ...headers, host: headers["x-forwarded-host"] ?? headers.host };
  return Object.fromEntries(
    Object.entries(sent).flatMap(([name, value]) =>
      value === undefined || name === invocationIdHeader ? [] : [[name, [value].flat().join(", ")]],
    ),
  );
}
