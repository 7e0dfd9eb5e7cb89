import { draw, type PictureOrder } from "./drawing/draw.ts";
import { withoutWords } from "./faults/prompt-words.ts";
import type { Model } from "./models.ts";
import type { GenerationRequest } from "./request-check.ts";
import type { Simulation, Task } from "./simulation.ts";

export type Draw = (order: PictureOrder) => Promise<Buffer>;

/** A picture being drawn while the simulated service takes its time. */
export interface StartedPicture {
  readonly index: number;
  readonly order: PictureOrder;
  readonly drawn: Promise<Buffer>;
}

/** Starts drawing at once: a latency is a total, and the drawing hides in it. */
export function startTask(
  task: Task,
  model: Model,
  request: GenerationRequest,
  drawOne: Draw = draw,
): StartedPicture[] {
  const count = task.fault.images ?? request.n;
  return Array.from({ length: count }, (_, index) => {
    const order = orderOf(task, model, request, index);
    return { index, order, drawn: drawOne(order) };
  });
}

function orderOf(
  { call, fault }: Task,
  model: Model,
  request: GenerationRequest,
  index: number,
): PictureOrder {
  const { width, height } = request;
  const [drawnWidth = width, drawnHeight = height] = fault.image_size?.split("x").map(Number) ?? [];
  const seed = fault.seed ?? call.id;
  return {
    words: withoutWords(request.prompt),
    caption: `${model.name} · #${index} · ${drawnWidth}x${drawnHeight}`,
    key: `${request.prompt} ${model.name} ${index} ${seed}`,
    width: drawnWidth,
    height: drawnHeight,
    format: fault.image_format ?? request.outputFormat,
    compression: request.compression,
    transparent: request.transparent,
    bytes: fault.bytes,
  };
}

/** When the service is to be done with a call that came at `arrivedAt`. */
export function readyAt({ call, fault }: Task, model: Model, { settings }: Simulation): number {
  const usual = (settings.latency_ms[model.name] ?? 0) * settings.latency_scale;
  return call.arrivedAt + (fault.latency ?? usual);
}

/** Puts a picture behind a signed address and returns it. */
export function publish(
  { call, fault, callText }: Task,
  { index, order, drawn }: StartedPicture,
  model: Model,
  simulation: Simulation,
): string {
  const { pictures, signer, settings, url } = simulation;
  const extension = order.format === "jpeg" ? "jpg" : order.format;
  const path = `/private/images/${call.id}/generated_${String(index).padStart(2, "0")}.${extension}`;
  const expiresAt = Date.now() + (fault.url_life ?? settings.url_life_seconds) * 1000;
  const origin = { model: model.name, deployment: callText.deployment, prompt: callText.prompt ?? "" };
  pictures.put(path, { order, origin, expiresAt, drawn });
  return signer.sign(url, path, expiresAt);
}

/** The base64 of a picture, or something that only looks like it. */
export function base64Of(file: Buffer, { fault }: Task): string {
  const encoded = file.toString("base64");
  return fault.base64 === "invalid" ? `${encoded.slice(0, -8)}*not~b64*` : encoded;
}

/** The service's own clock may be wrong, by as much as the fault says. */
export function serviceNow({ fault }: Task): number {
  return Date.now() + (fault.clock ?? 0) * 1000;
}
