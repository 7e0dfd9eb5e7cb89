import { APIError, type OpenAI } from "openai";
import { factsOf } from "../domain/fault.ts";
import { upstreamPrompt, type ImageRequest } from "../domain/image-request.ts";
import type { ModelCapability } from "../domain/model-catalogue.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type {
  Clock,
  DiscardReply,
  EditFiles,
  ImageModel,
  PollReply,
  SubmitReply,
  UpstreamReply,
} from "../ports.ts";
import { safeReason, senselessReply, sortError } from "./faults.ts";
import { refusalOf } from "./refusal.ts";
import { readReply, readUnpaidItem } from "./reply.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { type WireItem, wireOperation } from "./wire.ts";

interface Backend {
  /** Its own retries are off: retries live in the orchestration, which waits without being paid for. */
  client: OpenAI;
  /** The name by which the service knows the deployment, or the model. */
  upstreamName: string;
  capability: ModelCapability;
  clock: Clock;
}

// fetch keeps a copy of a body that it may have to send again, after a redirect or a challenge. The service has neither, and
// the copy would hold all files of the form in memory.
const uncopied = { redirect: "error", window: null } as const;

// Used when an operation's poll names no wait of its own.
const usualPollMs = 2_000;

/** One deployment, spoken to through the official client; every method is one request, plus downloads of its images. */
export function openAiImageModel({ client, upstreamName, capability, clock }: Backend): ImageModel {
  const sort = (error: unknown, prompt: string) => sortError(error, prompt, clock.now());

  async function render(request: ImageRequest, images: number, signal: AbortSignal): Promise<UpstreamReply> {
    const body = { ...upstreamBody(request, images, capability), model: upstreamName };
    try {
      const reply: unknown = await client.post("/images/generations", { body, signal });
      return await readReply(reply, request.prompt, signal);
    } catch (error) {
      return sort(error, request.prompt);
    }
  }

  /** Always `image[]`, as the service's own pages spell it, so that one image and several are one case. */
  async function edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    signal: AbortSignal,
  ): Promise<UpstreamReply> {
    const { images: image, mask } = files;
    const fields = { ...upstreamBody(request, images, capability), model: upstreamName };
    const form = withoutAbsent({ ...fields, image, mask }) as OpenAI.Images.ImageEditParamsNonStreaming;
    try {
      const reply: unknown = await client.images.edit(form, { signal, fetchOptions: uncopied });
      return await readReply(reply, request.prompt, signal);
    } catch (error) {
      return sort(error, request.prompt);
    }
  }

  async function submit(
    request: ImageRequest,
    images: number,
    operationId: string,
    signal: AbortSignal,
  ): Promise<SubmitReply> {
    const body = { prompt: upstreamPrompt(request), n: images, size: request.size };
    try {
      const headers = { "Operation-Id": operationId };
      const response = await client
        .post("/images/generations:submit", { body, headers, signal })
        .asResponse();
      await response.body?.cancel();
      const location = response.headers.get("operation-location");
      if (location === null) throw senselessReply("no operation-location");
      const wait = retryAfterMs(response.headers, clock.now()) || usualPollMs;
      return { kind: "submitted", operation: pathOf(location, client.baseURL), retryAfterMs: wait };
    } catch (error) {
      return sort(error, request.prompt);
    }
  }

  async function poll(
    { prompt }: ImageRequest,
    operation: string,
    wanted: readonly number[],
    signal: AbortSignal,
  ): Promise<PollReply> {
    try {
      const response = await client.get(addressOf(operation, client.baseURL), { signal }).asResponse();
      const parsed = wireOperation.safeParse(await response.json());
      if (!parsed.success) throw senselessReply("not the JSON of an operation");
      const wait = retryAfterMs(response.headers, clock.now()) || usualPollMs;
      return await readOperation(parsed.data, prompt, wanted, wait, signal);
    } catch (error) {
      return sort(error, prompt);
    }
  }

  /** Sources: the operation's DELETE answers 204 in a terminal state, else with operationNotInTerminalState. */
  async function discard(operation: string, signal: AbortSignal): Promise<DiscardReply> {
    try {
      await client.delete(addressOf(operation, client.baseURL), { signal });
      return { kind: "gone" };
    } catch (error) {
      if (error instanceof APIError && error.status === 404) return { kind: "gone" };
      const headers: unknown = error instanceof APIError ? error.headers : undefined;
      const wait = headers instanceof Headers ? retryAfterMs(headers, clock.now()) : 0;
      return { kind: "pending", retryAfterMs: wait || usualPollMs };
    }
  }

  return { render, edit, submit, poll, discard };
}

/**
 * The operation's path and query, to be asked for at the configured endpoint. The header may name the host behind a
 * gateway, which then also lacks the gateway's own path; or somebody else's, which must not get the key.
 */
function pathOf(location: string, base: string): string {
  const endpoint = new URL(base);
  const { host, pathname, search } = new URL(location, base);
  const prefix = endpoint.pathname.replace(/\/openai\/?$/, "");
  const isBehind = host !== endpoint.host && !pathname.startsWith(`${prefix}/`);
  return `${isBehind ? prefix : ""}${pathname}${search}`;
}

/** Always the endpoint's own origin: a path that begins with two slashes would else name another host, and get the key. */
function addressOf(operation: string, base: string): string {
  const { pathname, search } = new URL(`http://path${operation.replace(/^\/+/, "/")}`);
  const address = new URL(base);
  address.pathname = pathname;
  address.search = search;
  return address.href;
}

async function readOperation(
  { status, result, data, error }: ReturnType<typeof wireOperation.parse>,
  prompt: string,
  wanted: readonly number[],
  waitMs: number,
  signal: AbortSignal,
): Promise<PollReply> {
  switch (status.toLowerCase()) {
    case "succeeded": {
      const items: WireItem[] = result?.data ?? data ?? [];
      if (items.length === 0) throw senselessReply("an operation that succeeded without images");
      const read = wanted.map((position) => readUnpaidItem(items[position] ?? {}, prompt, signal));
      return { kind: "images", items: await Promise.all(read) };
    }
    case "failed":
    case "canceled":
    case "cancelled":
    case "deleted": {
      const refusal = error ? refusalOf(error) : undefined;
      if (refusal) return { kind: "refused", fault: refusal };
      const message = `The service's operation ended as ${status.toLowerCase()}: ${safeReason(error ?? {}, prompt)}`;
      return { kind: "rejected", fault: factsOf("upstreamRejected", message) };
    }
    // notRunning, notStarted, running, and whatever a later version may call it: the job's deadline ends the wait.
    default:
      return { kind: "pending", retryAfterMs: waitMs };
  }
}

/** Exactly what the service takes: absent facts are left out, and images are asked for inline where there is a choice. */
function upstreamBody(request: ImageRequest, images: number, capability: ModelCapability) {
  return withoutAbsent({
    prompt: upstreamPrompt(request),
    n: images,
    size: request.size,
    quality: request.quality,
    style: request.style,
    background: request.background,
    moderation: request.moderation,
    output_format: request.output_format,
    output_compression: request.output_compression,
    input_fidelity: request.input_fidelity,
    user: request.user,
    response_format: capability.responseFormats?.includes("b64_json") ? "b64_json" : undefined,
  });
}
