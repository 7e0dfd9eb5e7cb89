import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "./authentication.ts";
import { readForm, recordOf, textField } from "./edits/form.ts";
import { damage, replacesAnswer, statusReply, retryAfterOf } from "./faults/damage.ts";
import type { CallEntry } from "./ledger.ts";
import type { MatchedRoute } from "./routes.ts";
import { errorReply, ServiceError } from "./service-error.ts";
import type { Simulation, Task } from "./simulation.ts";
import { statusError } from "./status-errors.ts";
import { runDown, sendStream } from "./streaming/send-stream.ts";
import { promptTextOf } from "./prompt-text.ts";
import { giveWay, send } from "./transport.ts";
import { asksForImages, field, type Call, type Reply } from "./wire.ts";

/** One call to the simulated service, from its first byte to the end of its connection. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  route: MatchedRoute,
  simulation: Simulation,
): Promise<void> {
  const { ledger, clock } = simulation;
  const id = randomUUID();
  const method = request.method ?? "";
  const apiVersion = url.searchParams.get("api-version") ?? undefined;
  const entry = ledger.open({ id, route: route.name, method, path: url.pathname, apiVersion });
  const gone = new AbortController();
  const leaving = AbortSignal.any([clock.signal, gone.signal]);
  let cut = false;
  response.once("close", () => {
    entry.finishedAt = Date.now();
    entry.clientHungUp = !response.writableFinished && !cut && entry.stream?.ended !== true;
    gone.abort();
  });
  try {
    const call = await readCall(request, url, route, entry);
    if (call.form !== undefined) entry.form = recordOf(call.form);
    const { reply, fault } = await answer(call, entry, route, simulation);
    cut = fault.cut !== undefined;
    if (reply === undefined) {
      await giveWay(response, fault, clock.signal);
      return;
    }
    if (response.closed) return;
    if ((fault.cut ?? fault.stall) !== "before") {
      entry.status = reply.status;
      entry.retryAfterMs = retryAfterOf(reply.headers);
    }
    if (reply.stream === undefined) await send(response, reply, fault, clock.signal);
    else await sendStream(response, reply, reply.stream, { fault, entry, leaving });
  } finally {
    if (entry.route !== "submit" || entry.operationId === undefined) ledger.endWork(entry);
    if (response.closed) entry.finishedAt = Date.now();
  }
}

async function readCall(
  request: IncomingMessage,
  url: URL,
  route: MatchedRoute,
  { id, startedAt }: CallEntry,
): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const form = route.name === "edit" ? await readForm(request.headers["content-type"], body) : undefined;
  return {
    id,
    route: route.name,
    dialect: route.dialect,
    method: route.method,
    path: url.pathname,
    captured: route.captured,
    query: url.searchParams,
    headers: request.headers,
    body,
    // Megabytes of pictures would be decoded as text only to be found no JSON.
    json: form === undefined || form.flaw === "wrong-type" ? parse(body) : undefined,
    form,
    arrivedAt: startedAt,
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

interface Answer {
  /** Absent when the connection is to give way before any work. */
  readonly reply: Reply | undefined;
  readonly fault: Task["fault"];
}

async function answer(
  call: Call,
  entry: CallEntry,
  route: MatchedRoute,
  simulation: Simulation,
): Promise<Answer> {
  const headers = requestIds(call);
  try {
    const { apiKey, settings, clock } = simulation;
    if (call.dialect !== "blob") authenticate(call.dialect, call.headers, apiKey, settings.entra);
    const callText = promptTextOf(call, simulation);
    simulation.ledger.name(entry, callText);
    const fault = simulation.faults.take(callText);
    entry.faults = Object.keys(fault);
    if ((fault.cut ?? fault.stall) === "arrival") return { reply: undefined, fault };
    const reply = await handle({ call, callText, fault, entry }, route, simulation);
    // A submit's latency is its operation's and a stream's is its last event's: those answers do not wait.
    if (fault.latency !== undefined && call.route !== "submit" && reply.stream === undefined) {
      await clock.sleepUntil(call.arrivedAt + fault.latency);
    }
    return { reply: damage({ ...reply, headers: { ...headers, ...reply.headers } }, fault, call), fault };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const reply = errorReply(call.dialect, error);
    return { reply: { ...reply, headers: { ...headers, ...reply.headers } }, fault: {} };
  }
}

async function handle(task: Task, route: MatchedRoute, simulation: Simulation): Promise<Reply> {
  const { call, fault } = task;
  if (!replacesAnswer(fault)) return await handleWithin(task, route, simulation);
  // The work may be done and paid for although the answer is a failure.
  if (fault.billed === true) {
    const { stream } = await route.handle(task, simulation);
    if (stream !== undefined) await runDown(stream, simulation.clock.signal);
  }
  return statusReply(call, fault, simulation.url);
}

/** Within the deployment's rate limits, where it has any; refused calls cost no work. */
async function handleWithin(task: Task, route: MatchedRoute, simulation: Simulation): Promise<Reply> {
  const { call, callText } = task;
  const deployment = callText.deployment ?? callText.model ?? "";
  const limit = asksForImages(call.route) ? simulation.settings.rate_limits[deployment] : undefined;
  if (limit === undefined) return await route.handle(task, simulation);
  const images = Number(field(call.json, "n") ?? textField(call.form, "n") ?? 1);
  const { retryAfterSeconds, headers } = simulation.rateLimits.take(deployment, limit, images, Date.now());
  const reply =
    retryAfterSeconds === undefined
      ? await route.handle(task, simulation)
      : errorReply(call.dialect, statusError(call.dialect, 429));
  const wait = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { ...reply, headers: { ...reply.headers, ...headers, ...wait } };
}

/** [A8,A10]; OpenAI has a name of its own. */
function requestIds({ id, dialect }: Call): Record<string, string> {
  if (dialect === "openai") return { "x-request-id": `req_${id.replaceAll("-", "")}` };
  if (dialect === "azure") return { "apim-request-id": id, "x-ms-request-id": id };
  return { "x-ms-request-id": id };
}
