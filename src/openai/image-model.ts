import { AzureOpenAI, type OpenAI } from "openai";
import { upstreamPrompt, type ImageRequest } from "../domain/image-request.ts";
import type { ModelCapability } from "../domain/model-catalogue.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type {
  Clock,
  DiscardReply,
  EditFiles,
  ImageModel,
  OnPartial,
  PollReply,
  SubmitReply,
  UpstreamReply,
} from "../ports.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { UpstreamFault } from "../domain/fault.ts";
import { patience } from "../domain/upstream-outcome.ts";
import type { SentCall } from "./connection-errors.ts";
import { senselessReply, sortError } from "./faults.ts";
import { addressOf, locationIn, pathOf, pathOfId } from "./operation-address.ts";
import {
  holdsImages,
  lostOperation,
  parseOperation,
  readDiscardError,
  readImages,
  readOperation,
  unansweredPoll,
  unknownOperationStatus,
  usualPollMs,
} from "./operation.ts";
import { readReply } from "./reply.ts";
import { readStream } from "./stream.ts";

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

/** One deployment, spoken to through the official client; every method is one request, plus downloads of its images. */
export function openAiImageModel({ client, upstreamName, capability, clock }: Backend): ImageModel {
  const now = () => clock.now();
  const isAzure =
    client instanceof AzureOpenAI || /\.azure\.(com|us|cn)$/.test(new URL(client.baseURL).hostname);
  const apiVersion = client instanceof AzureOpenAI ? client.apiVersion : "";
  const sort = (error: unknown, prompt: string, call: SentCall = {}) =>
    sortError(error, prompt, now(), { ...call, isAzure });

  async function render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    onPartial?: OnPartial,
  ): Promise<UpstreamReply> {
    const body = { ...upstreamBody(request, images, capability), model: upstreamName };
    if (body.stream) {
      const ask = () => client.post("/images/generations", { body, signal, stream: true }).asResponse();
      return readStream(ask, { client, prompt: request.prompt, signal, onPartial, now });
    }
    const sentAt = now();
    try {
      const reply: unknown = await client.post("/images/generations", { body, signal });
      return await readReply(reply, request.prompt, signal);
    } catch (error) {
      return sort(error, request.prompt, { signal, sentAt });
    }
  }

  /** Always `image[]`, as the service's own pages spell it, so that one image and several are one case. */
  async function edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    signal: AbortSignal,
    onPartial?: OnPartial,
  ): Promise<UpstreamReply> {
    const { images: image, mask } = files;
    const fields = { ...upstreamBody(request, images, capability), model: upstreamName };
    const form = withoutAbsent({ ...fields, image, mask }) as OpenAI.Images.ImageEditParams;
    const send = () => client.images.edit(form, { signal, fetchOptions: uncopied });
    if (form.stream) {
      const ask = () => send().asResponse();
      return readStream(ask, { client, prompt: request.prompt, signal, onPartial, now });
    }
    const sentAt = now();
    try {
      const reply: unknown = await send();
      return await readReply(reply, request.prompt, signal);
    } catch (error) {
      return sort(error, request.prompt, { signal, sentAt });
    }
  }

  /**
   * Some gateways lose the header that says where to ask, and some answer with the images at once: what can be had from
   * the body is, since a second submit may be a second bill.
   */
  async function submit(
    request: ImageRequest,
    images: number,
    operationId: string,
    signal: AbortSignal,
  ): Promise<SubmitReply> {
    const { prompt } = request;
    const body = { prompt: upstreamPrompt(request), n: images, size: request.size };
    const sentAt = now();
    try {
      const headers = { "Operation-Id": operationId };
      const response = await client
        .post("/images/generations:submit", { body, headers, signal })
        .asResponse();
      const waitMs = retryAfterMs(response.headers, now()) || usualPollMs;
      const location = locationIn(response.headers.get("operation-location"));
      if (location !== undefined) {
        await response.body?.cancel();
        return { kind: "submitted", operation: pathOf(location, client.baseURL), retryAfterMs: waitMs };
      }
      const answer = parseOperation(await response.text());
      const reading = {
        prompt,
        wanted: Array.from({ length: images }, (_, at) => at),
        waitMs,
        now: now(),
        signal,
      };
      if (holdsImages(answer)) return await readImages(answer, reading);
      const operation = pathOfId(answer, client.baseURL, apiVersion);
      if (operation !== undefined) return { kind: "submitted", operation, retryAfterMs: waitMs };
      const end = await readOperation(answer, reading);
      if (end.kind === "pending") throw senselessReply("neither an operation-location nor an id");
      return end;
    } catch (error) {
      return sort(error, prompt, { signal, sentAt });
    }
  }

  async function poll(
    { prompt }: ImageRequest,
    operation: string,
    wanted: readonly number[],
    signal: AbortSignal,
    ageMs = 0,
  ): Promise<PollReply> {
    try {
      const response = await client.get(addressOf(operation, client.baseURL), { signal }).asResponse();
      const waitMs = retryAfterMs(response.headers, now()) || usualPollMs;
      const reading = { prompt, wanted, waitMs, now: now(), signal };
      return await readOperation(parseOperation(await response.text()), reading);
    } catch (error) {
      return sortPollError(error, { prompt, wanted, signal, ageMs });
    }
  }

  function sortPollError(
    error: unknown,
    {
      prompt,
      wanted,
      signal,
      ageMs,
    }: { prompt: string; wanted: readonly number[]; signal: AbortSignal; ageMs: number },
  ): PollReply {
    const unknown = unknownOperationStatus(error);
    if (unknown !== undefined && ageMs >= patience.youngOperationMs) return lostOperation(unknown, wanted);
    if (unknown !== undefined) return { kind: "pending", retryAfterMs: usualPollMs };
    try {
      const end = sort(error, prompt, { signal });
      return end.kind === "unavailable" ? { ...end, mayBeBilled: false } : end;
    } catch (fault) {
      if (fault instanceof UpstreamFault) return unansweredPoll(fault);
      throw fault;
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

  return { render, edit, submit, poll, discard };
}

/** Exactly what the service takes: absent facts are left out, and images are asked for inline where there is a choice. */
function upstreamBody(request: ImageRequest, images: number, capability: ModelCapability) {
  const streams = request.stream === true && capability.streaming;
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
    stream: streams ? true : undefined,
    partial_images: streams ? request.partial_images : undefined,
    response_format: capability.responseFormats?.includes("b64_json") ? "b64_json" : undefined,
  });
}
