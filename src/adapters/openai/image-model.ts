import { APIError, AzureOpenAI, type OpenAI } from "openai";
import { UpstreamError } from "../../domain/app-error.ts";
import { upstreamPrompt, type ImageRequest } from "../../domain/image-request.ts";
import type { ModelCapability } from "../../domain/model-catalogue.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { patience } from "../../domain/upstream-outcome.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { Clock } from "../../ports/clock.ts";
import type {
  DiscardReply,
  EditFiles,
  ImageModel,
  PollReply,
  ReplyListener,
  SubmitReply,
  UpstreamReply,
} from "../../ports/image-model.ts";
import { senselessReply, sortError } from "./upstream-errors.ts";
import { addressOf, locationIn, pathOf, pathOfId } from "./operation-address.ts";
import {
  holdsImages,
  readAnswer,
  readDiscardError,
  readOperation,
  unansweredPoll,
  unknownOperation,
  unknownOperationStatus,
  defaultPollMs,
} from "./operation.ts";
import { type ReceivedPictures, receivedPictures } from "./reading/received-pictures.ts";
import { reportedLimits } from "./reported-limits.ts";
import { judge, type Reading, readReply, receive, sortReadingError } from "./reply.ts";

interface Backend {
  /** Its own retries are off: retries live in the orchestration, which waits without being paid for. */
  client: OpenAI;
  /** The body's `model`; absent where the address names the deployment. */
  modelName?: string;
  capability: ModelCapability;
  clock: Clock;
  fetchLink: ImageModel["fetchImage"];
  /** Where pictures are kept while they are received; all deployments of a process share one. */
  pictures?: ReceivedPictures;
}

const sharedPictures = receivedPictures();

/** One deployment, spoken to through the official client; every method is one request. */
export function openAiImageModel({
  client,
  modelName,
  capability,
  clock,
  fetchLink,
  pictures = sharedPictures,
}: Backend): ImageModel {
  const now = () => clock.now();
  const isAzure =
    client instanceof AzureOpenAI || /\.azure\.(com|us|cn)$/.test(new URL(client.baseURL).hostname);
  const apiVersion = client instanceof AzureOpenAI ? client.apiVersion : "";

  function readingOf(
    { prompt }: ImageRequest,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Reading {
    return { prompt, wanted: images, signal, listener, pictures, now, sentAt: now(), isAzure };
  }

  /** What the service is asked for is told from what comes: a reply is read by its content. */
  async function answer(ask: () => Promise<Response>, reading: Reading): Promise<UpstreamReply> {
    let response: Response;
    try {
      response = await noteLimits(ask(), reading.listener);
    } catch (error) {
      return sortError(error, reading.prompt, now(), reading);
    }
    return readReply(response, reading);
  }

  async function render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply> {
    const body = upstreamBody(request, images, capability, modelName);
    const ask = () => client.post("/images/generations", { body, signal }).asResponse();
    return answer(ask, readingOf(request, images, signal, listener));
  }

  /** Always `image[]`, as the service's own pages spell it, so that one image and several are one case. */
  async function edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply> {
    const { images: image, mask } = files;
    const fields = upstreamBody(request, images, capability, modelName);
    const form = withoutAbsent({ ...fields, image, mask }) as OpenAI.Images.ImageEditParams;
    const ask = () => client.images.edit(form, { signal }).asResponse();
    return answer(ask, readingOf(request, images, signal, listener));
  }

  async function submit(
    request: ImageRequest,
    images: number,
    operationId: string,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<SubmitReply> {
    const body = { prompt: upstreamPrompt(request), n: images, size: request.size };
    const reading = readingOf(request, images, signal, listener);
    try {
      const headers = { "Operation-Id": operationId };
      const asked = client.post("/images/generations:submit", { body, headers, signal }).asResponse();
      const response = await noteLimits(asked, listener);
      const waitMs = retryAfterMs(response.headers, now()) || defaultPollMs;
      const location = locationIn(response.headers.get("operation-location"));
      if (location !== undefined) {
        await response.body?.cancel();
        return { kind: "submitted", operation: pathOf(location, client.baseURL), retryAfterMs: waitMs };
      }
      const received = await receive(response, reading);
      const parsed = readAnswer(received);
      if (holdsImages(parsed)) return judge(received, reading);
      const operation = pathOfId(parsed.operation, client.baseURL, apiVersion);
      if (operation !== undefined) return { kind: "submitted", operation, retryAfterMs: waitMs };
      const end = readOperation(parsed, { prompt: request.prompt, waitMs, now: now() });
      if (end.kind === "pending") throw senselessReply("neither an operation-location nor an id");
      return end;
    } catch (error) {
      return sortReadingError(error, reading);
    }
  }

  async function poll(
    request: ImageRequest,
    operation: string,
    ageMs: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<PollReply> {
    const reading = readingOf(request, Infinity, signal, listener);
    try {
      const response = await client.get(addressOf(operation, client.baseURL), { signal }).asResponse();
      const waitMs = retryAfterMs(response.headers, now()) || defaultPollMs;
      const parsed = readAnswer(await receive(response, reading));
      return readOperation(parsed, { prompt: request.prompt, waitMs, now: now() });
    } catch (error) {
      return sortPollError(error, reading, ageMs);
    }
  }

  function sortPollError(error: unknown, reading: Reading, ageMs: number): PollReply {
    const unknown = unknownOperationStatus(error);
    if (unknown !== undefined && ageMs >= patience.youngOperationMs) return unknownOperation(unknown);
    if (unknown !== undefined) return { kind: "pending", retryAfterMs: defaultPollMs };
    try {
      const end = sortReadingError(error, reading);
      if (end.kind === "unavailable") return { ...end, mayBeBilled: false };
      // A verdict on the poll is none on the operation, which is paid for.
      return end.kind === "rejected" || end.kind === "accountBlocked"
        ? unansweredPoll(end.failure.message)
        : end;
    } catch (failure) {
      if (failure instanceof UpstreamError)
        return unansweredPoll(`The operation could not be asked for: ${failure.detail}.`);
      throw failure;
    }
  }

  /** Sources: the operation's DELETE answers 204 in a terminal state, else with operationNotInTerminalState. */
  async function discard(operation: string, signal: AbortSignal): Promise<DiscardReply> {
    try {
      await client.delete(addressOf(operation, client.baseURL), { signal });
      return { kind: "gone" };
    } catch (error) {
      return readDiscardError(error, now());
    }
  }

  return { render, edit, submit, poll, discard, fetchImage: fetchLink };
}

/** Hands on what the answer's headers say of limits, be it a success or a 429. */
async function noteLimits(asked: Promise<Response>, { onLimits }: ReplyListener): Promise<Response> {
  const note = (headers: Headers) => {
    const limits = reportedLimits(headers);
    if (limits) onLimits?.(limits);
  };
  try {
    const response = await asked;
    note(response.headers);
    return response;
  } catch (error) {
    if (error instanceof APIError && error.headers instanceof Headers) note(error.headers);
    throw error;
  }
}

/** Exactly what the service takes: absent facts are left out, and images are asked for inline where there is a choice. */
function upstreamBody(
  request: ImageRequest,
  images: number,
  capability: ModelCapability,
  model: string | undefined,
) {
  const streams = request.stream === true && capability.streaming;
  return withoutAbsent({
    // First: none of them takes the place of what Darkroom knows.
    ...request.parameters,
    model,
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
    stream: streams ? true : undefined,
    partial_images: streams ? request.partial_images : undefined,
    response_format: capability.responseFormats?.includes("b64_json") ? "b64_json" : undefined,
  });
}
