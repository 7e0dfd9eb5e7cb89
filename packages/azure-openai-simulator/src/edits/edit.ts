import type { PictureOrder } from "../drawing/draw.ts";
import { drawEdit } from "../drawing/edited-picture.ts";
import { deliver } from "../generate.ts";
import { modelNames, models, type Model } from "../models.ts";
import { checkParameters, type GenerationRequest } from "../request-check.ts";
import { requireModel } from "../requested-model.ts";
import { invalidRequest, ServiceError } from "../service-error.ts";
import type { Simulation, Task } from "../simulation.ts";
import type { Reply } from "../wire.ts";
import { sortForm } from "./form-check.ts";
import { imageTokens } from "./image-tokens.ts";
import { checkImages, checkMask, type Measured } from "./input-check.ts";
import { decodeInputs } from "./inputs.ts";

/** The synchronous API with pictures to start from. */
export async function edit(task: Task, simulation: Simulation): Promise<Reply> {
  const { call, fault } = task;
  const model = requireModel(task);
  const editable = model.editParameters ?? cannotEdit(task, model);
  const { fields, images, mask } = sortForm(call, editable);
  const parameters = checkParameters(fields, { model, dialect: call.dialect, allowed: editable });
  const measured = await checkImages(images, call.dialect);
  const [first = { width: 0, height: 0 }] = measured;
  if (mask !== undefined) await checkMask(mask, first);
  const request = { ...parameters, ...sizeFor(fields.size, first, parameters) };
  const [width = request.width, height = request.height] = fault.image_size?.split("x").map(Number) ?? [];
  const inputs = await decodeInputs(images, mask, { width, height });
  const fine = fields.input_fidelity === "high";
  const input = measured.reduce((sum, size) => sum + imageTokens(size, fine), 0);
  const draw = (order: PictureOrder) => drawEdit(order, inputs);
  return await deliver({ task, model, request: { ...request, imageTokens: input } }, draw, simulation);
}

/** [S3] DALL-E has no edits; each front says so in its own way. */
function cannotEdit({ call }: Task, { name }: Model): never {
  if (call.dialect === "openai") {
    const able = modelNames.filter((candidate) => models[candidate].editParameters !== undefined);
    const listed = able.map((one) => `'${one}'`).join(", ");
    const message = `Invalid value: '${name}'. Supported values are: ${listed}.`;
    throw invalidRequest("invalid_value", message, "model");
  }
  const message = `The imageEdits operation does not work with the specified model, ${name}. Please choose different model and try again.`;
  throw new ServiceError(400, "OperationNotSupported", message);
}

/** Left to the service, a picture keeps the shape of its first input. */
function sizeFor(
  asked: unknown,
  { width, height }: Measured,
  parameters: GenerationRequest,
): Pick<GenerationRequest, "size" | "width" | "height"> {
  if (asked !== undefined && asked !== "auto") return parameters;
  if (width > height * 1.2) return { size: "1536x1024", width: 1536, height: 1024 };
  if (height > width * 1.2) return { size: "1024x1536", width: 1024, height: 1536 };
  return { size: "1024x1024", width: 1024, height: 1024 };
}
