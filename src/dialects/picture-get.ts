import { AppError } from "../domain/app-error.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findJob } from "../jobs/find-job.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";

export interface PictureDeps {
  jobs: JobStore;
  images: ImageStore;
  pictureSigner: ResultSigner;
}

/** The address of one picture, on our own origin: it needs no header, and tolerates one. */
export function pictureUrl(
  { pictureSigner }: Pick<PictureDeps, "pictureSigner">,
  origin: string,
  { jobId, index }: { jobId: string; index: number },
): string {
  const { expires, signature } = pictureSigner.sign(`${jobId}/${index}`);
  return `${origin}/pictures/${jobId}/${index}?expires=${expires}&signature=${signature}`;
}

/**
 * A picture's bytes to the one who holds its address. Blob Storage refuses a request that has a signature in its address and an
 * Authorization header as well, and some clients send theirs along; so the bytes come from here.
 */
export const pictureGet = ({ jobs, images, pictureSigner }: PictureDeps): Endpoint => ({
  name: "pictures-get",
  method: "GET",
  route: "pictures/{id}/{index}",
  access: "callerOrSignature",
  async handle({ request: { query }, params }) {
    const { id = "", index = "" } = params;
    const given = { expires: query.get("expires") ?? "", signature: query.get("signature") ?? "" };
    if (!pictureSigner.verify(`${id}/${index}`, given))
      throw new AppError(
        "unauthorized",
        "This address is not genuine or has expired. Ask for the job with your key.",
      );
    const [, { slots }] = await findJob(jobs, id);
    const slot = slots.find((each) => String(each.index) === index);
    if (slot?.state !== "stored") throw new AppError("notFound", "There is no such picture.");
    return {
      status: 200,
      headers: {
        "content-type": slot.contentType,
        "cache-control": "private, max-age=3600, immutable",
        // An SVG is a page: one from a stranger must not run on the origin where callers keep their keys.
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
      },
      body: await images.read(slot.blob),
    };
  },
});
