import { base64Of, readyAt, serviceNow, type StartedPicture } from "../start-task.ts";
import type { Result } from "../dialects/dalle.ts";
import { decided, usage } from "../dialects/gpt-image.ts";
import { coarser } from "../drawing/coarser.ts";
import { refusalDialect, refusalError } from "../refusals.ts";
import { errorObject } from "../service-error.ts";
import type { Simulation } from "../simulation.ts";
import { statusError } from "../status-errors.ts";
import { unixSeconds, type Reply } from "../wire.ts";
import type { ServerEvent } from "./event.ts";

/** [S3,O1] Pictures that grow finer, spread over the call's time, and the last one with what it all counted for. */
export function streamReply(result: Result, simulation: Simulation): Reply {
  const { fault } = result.task;
  const repeats = fault.duplicate !== undefined && fault.duplicate < shownBy(result) ? 1 : 0;
  const count = shownBy(result) + repeats + (fault.ending === "none" ? 0 : 1);
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    body: Buffer.alloc(0),
    stream: { count, open: (leaving) => eventsOf(result, simulation, leaving) },
  };
}

/** The last picture may be done before as many were shown as asked [O1]. */
function shownBy({ task, request }: Result): number {
  return task.fault.partials ?? request.partialImages ?? 0;
}

async function* eventsOf(
  result: Result,
  simulation: Simulation,
  leaving: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const { task, model, request, pictures } = result;
  const { arrivedAt } = task.call;
  const shown = shownBy(result);
  const step = (readyAt(task, model, simulation) - arrivedAt) / ((request.partialImages ?? 0) + 1);
  const drawn = Promise.all(pictures.map((picture) => picture.drawn));
  const after = (steps: number) =>
    Promise.all([simulation.clock.sleepUntil(arrivedAt + step * steps, leaving), drawn]);
  for (let index = 0; index < shown; index += 1) {
    await after(index + 1);
    // Nothing that is shown is free, no matter who stays to see it.
    task.entry.imagesBilled = pictures.length;
    const partial = await partialEvent(result, pictures[0], index);
    yield partial;
    if (task.fault.duplicate === index) yield partial;
  }
  await after(shown + 1);
  task.entry.imagesBilled = pictures.length;
  if (task.fault.ending !== "none") yield await lastEvent(result);
}

async function partialEvent(
  result: Result,
  picture: StartedPicture | undefined,
  index: number,
): Promise<ServerEvent> {
  const file = picture && (await coarser(await picture.drawn, picture.order, index));
  const name = `${kindOf(result)}.partial_image`;
  const data = JSON.stringify({ ...facts(result, name, file), partial_image_index: index });
  return { name, data, partial: index };
}

async function lastEvent(result: Result): Promise<ServerEvent> {
  const { task, model, request, pictures } = result;
  const { fault, call } = task;
  if (fault.refuse === "output" || fault.refuse_slots?.includes(0) === true) {
    const error = refusalError(refusalDialect(fault, model.family), "output", request.prompt);
    return { name: "error", data: JSON.stringify({ error }) };
  }
  if (fault.ending === "error") {
    const error = statusError(call.dialect, 500, fault.code, fault.message);
    return { name: "error", data: JSON.stringify({ error: errorObject(call.dialect, error) }) };
  }
  const name = `${kindOf(result)}.completed`;
  const whole = { ...facts(result, name, await pictures[0]?.drawn), usage: usage(request, pictures.length) };
  const data = JSON.stringify(whole);
  return { name, data: fault.ending === "broken" ? data.slice(0, Math.floor(data.length * 0.6)) : data };
}

function kindOf({ task }: Result): string {
  return task.call.route === "edit" ? "image_edit" : "image_generation";
}

/** What every event tells [O1]. */
function facts({ task, request }: Result, type: string, file: Buffer | undefined): object {
  const created_at = unixSeconds(serviceNow(task));
  return { type, b64_json: file && base64Of(file, task), created_at, ...decided(request) };
}
