import { contentTypes } from "./drawing/draw.ts";
import { ServiceError } from "./service-error.ts";
import type { Simulation, Task } from "./simulation.ts";
import type { Reply } from "./wire.ts";

/** What lies behind an image's URL: a private blob that only a valid signature opens. */
export async function readImage({ call }: Task, simulation: Simulation): Promise<Reply> {
  simulation.signer.verify(call.path, call.query, Date.now());
  const picture = simulation.pictures.find(call.path);
  if (picture === undefined) {
    throw new ServiceError(404, "BlobNotFound", "The specified blob does not exist.");
  }
  return {
    status: 200,
    headers: { "content-type": contentTypes[picture.order.format], "x-ms-blob-type": "BlockBlob" },
    body: await simulation.pictures.read(picture),
  };
}
