import { startTask, readyAt, serviceNow, type Draw } from "./start-task.ts";
import { dalleReply, type Result } from "./dialects/dalle.ts";
import { gptImageReply } from "./dialects/gpt-image.ts";
import { draw } from "./drawing/draw.ts";
import type { Model } from "./models.ts";
import { refusalDialect, refusalReply, type Refused } from "./refusals.ts";
import { checkRequest } from "./request-check.ts";
import { requireModel } from "./requested-model.ts";
import type { Simulation, Task } from "./simulation.ts";
import { streamReply } from "./streaming/stream-reply.ts";
import type { Reply } from "./wire.ts";

/** The synchronous API: the answer to the request holds the pictures. */
export async function generate(task: Task, simulation: Simulation): Promise<Reply> {
  const model = requireModel(task);
  const request = checkRequest(task.call, model);
  return await deliver({ task, model, request }, draw, simulation);
}

/** Everything that follows a request found good, whatever it starts from. */
export async function deliver(
  { task, model, request }: Omit<Result, "pictures">,
  drawOne: Draw,
  simulation: Simulation,
): Promise<Reply> {
  if (task.fault.refuse === "input") return refuse(task, model, "input");
  const pictures = startTask(task, model, request, drawOne);
  if (request.partialImages !== undefined && task.fault.stream === undefined) {
    return streamReply({ task, model, request, pictures }, simulation);
  }
  await Promise.all([
    simulation.clock.sleepUntil(readyAt(task, model, simulation)),
    ...pictures.map(({ drawn }) => drawn),
  ]);
  // Billed because it was drawn, no matter who is still there to receive it and whatever the output filter says.
  task.entry.imagesBilled = pictures.length;
  if (task.fault.refuse === "output") return refuse(task, model, "output");
  const result = { task, model, request, pictures };
  return model.family === "gpt-image" ? gptImageReply(result) : dalleReply(result, simulation);
}

/** 400 on the wire [Q13]; the seeds show the body without a status, so `status` can make it a 200. */
function refuse(task: Task, model: Model, refused: Refused): Reply {
  const dialect = refusalDialect(task.fault, model.family);
  const prompt = task.callText.prompt ?? "";
  return refusalReply(dialect, refused, prompt, task.fault.status ?? 400, serviceNow(task));
}
