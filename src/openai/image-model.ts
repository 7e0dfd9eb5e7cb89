import type { OpenAI } from "openai";
import { upstreamPrompt, type ImageRequest } from "../domain/image-request.ts";
import type { ModelCapability } from "../domain/model-catalogue.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type {
  Clock,
  DiscardReply,
  EditFiles,
  ImageModel,
  PollReply,
  ReplyListener,
  SubmitReply,
  UpstreamReply,
} from "../ports.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import { senselessReply, sortError } from "./faults.ts";
import { addressOf, pathOf, readDiscardError, readOperation, usualPollMs } from "./operation.ts";
import { followLinks } from "./follow-links.ts";
import { type ReceivedPictures, receivedPictures } from "./reading/received-pictures.ts";
import { type Reading, readReply, receive, sortReadingError } from "./reply.ts";
import { wireOperation } from "./wire.ts";

interface Backend {
  /** Its own retries are off: retries live in the orchestration, which waits without being paid for. */
  client: OpenAI;
  /** The name by which the service knows the deployment, or the model. */
  upstreamName: string;
  capability: ModelCapability;
  clock: Clock;
  /** Where pictures are kept while they are received; all deployments of a process share one. */
  pictures?: ReceivedPictures;
}

const sharedPictures = receivedPictures();

// fetch keeps a copy of a body that it may have to send again, after a redirect or a challenge. The service has neither, and
// the copy would hold all files of the form in memory.
const uncopied = { redirect: "error", window: null } as const;

/** One deployment, spoken to through the official client; every method is one request, plus downloads of its images. */
export function openAiImageModel({
  client,
  upstreamName,
  capability,
  clock,
  pictures = sharedPictures,
}: Backend): ImageModel {
  const now = () => clock.now();
  const sort = (error: unknown, prompt: string) => sortError(error, prompt, now());

  /** What the service is asked for is told from what comes: a reply is read by its content. */
  async function answer(ask: () => Promise<Response>, reading: Reading): Promise<UpstreamReply> {
    let response: Response;
    try {
      response = await ask();
    } catch (error) {
      return sort(error, reading.prompt);
    }
    return followLinks(await readReply(response, reading), { ...reading, attempts: 3, isFree: false });
  }

  async function render(
    request: ImageRequest,
    images: number,
    signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply> {
    const body = { ...upstreamBody(request, images, capability), model: upstreamName };
    const ask = () => client.post("/images/generations", { body, signal }).asResponse();
    return answer(ask, { prompt: request.prompt, wanted: images, signal, listener, pictures, now });
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
    const fields = { ...upstreamBody(request, images, capability), model: upstreamName };
    const form = withoutAbsent({ ...fields, image, mask }) as OpenAI.Images.ImageEditParams;
    const ask = () => client.images.edit(form, { signal, fetchOptions: uncopied }).asResponse();
    return answer(ask, { prompt: request.prompt, wanted: images, signal, listener, pictures, now });
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
    listener: ReplyListener,
  ): Promise<PollReply> {
    const onImage: ReplyListener["onImage"] = async (image) => {
      const position = wanted.indexOf(image.position);
      await (position < 0 ? image.picture.release() : listener.onImage({ ...image, position }));
    };
    const reading = { prompt, wanted: Infinity, signal, listener: { onImage }, pictures, now };
    try {
      const response = await client.get(addressOf(operation, client.baseURL), { signal }).asResponse();
      const { values, items } = await receive(response, reading);
      const parsed = wireOperation.safeParse(values[0]);
      if (!parsed.success) throw senselessReply("not the JSON of an operation");
      const wait = retryAfterMs(response.headers, clock.now()) || usualPollMs;
      const reply = readOperation(parsed.data, prompt, wanted, wait, items);
      return await followLinks(reply, { signal, listener, pictures, attempts: 1, isFree: true });
    } catch (error) {
      return sortReadingError(error, reading);
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
