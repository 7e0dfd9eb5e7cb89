import type { OpenAI } from "openai";
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
import { senselessReply, sortError } from "./faults.ts";
import { addressOf, pathOf, readDiscardError, readOperation, usualPollMs } from "./operation.ts";
import { readReply } from "./reply.ts";
import { readStream } from "./stream.ts";
import { wireOperation } from "./wire.ts";

interface Backend {
  /** Its own retries are off: retries live in the orchestration, which waits without being paid for. */
  client: OpenAI;
  /** The body's `model`; absent where the address names the deployment. */
  modelName?: string;
  capability: ModelCapability;
  clock: Clock;
  fetchLink: ImageModel["fetchImage"];
}

/** One deployment, spoken to through the official client; every method is one request, plus downloads of its images. */
export function openAiImageModel({ client, modelName, capability, clock, fetchLink }: Backend): ImageModel {
  const now = () => clock.now();
  const sort = (error: unknown, prompt: string) => sortError(error, prompt, now());

  async function render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    onPartial?: OnPartial,
  ): Promise<UpstreamReply> {
    const body = upstreamBody(request, images, capability, modelName);
    if (body.stream) {
      const ask = () => client.post("/images/generations", { body, signal, stream: true }).asResponse();
      return readStream(ask, { client, prompt: request.prompt, signal, onPartial, now });
    }
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
    onPartial?: OnPartial,
  ): Promise<UpstreamReply> {
    const { images: image, mask } = files;
    const fields = upstreamBody(request, images, capability, modelName);
    const form = withoutAbsent({ ...fields, image, mask }) as OpenAI.Images.ImageEditParams;
    const send = () => client.images.edit(form, { signal });
    if (form.stream) {
      const ask = () => send().asResponse();
      return readStream(ask, { client, prompt: request.prompt, signal, onPartial, now });
    }
    try {
      const reply: unknown = await send();
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
      return readDiscardError(error, now());
    }
  }

  return { render, edit, submit, poll, discard, fetchImage: fetchLink };
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
