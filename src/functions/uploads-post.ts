import type { UploadTickets } from "../contracts/http-api.ts";
import { type EditWishBody, uploadRequest } from "../contracts/requests.ts";
import type { Offer } from "../domain/deployment.ts";
import { chooseEditor, completeEdit } from "../domain/edit-request.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { draftJob, type Drafting, offerOf } from "../intake/draft-job.ts";
import { type InputRole, widestLimits } from "../intake/receive-input.ts";
import type { Link, UploadStore } from "../ports.ts";
import type { AwaitedInput, JobRecord } from "../records.ts";
import { type Accepting, recordAndStart } from "./accept-job.ts";
import type { Endpoint } from "./endpoint.ts";
import { presentJob } from "./present-job.ts";
import { readJsonBody } from "./read-body.ts";
import { respondJson } from "./respond.ts";

type Dependencies = Accepting & Drafting & { offers: readonly Offer[]; uploads: UploadStore };

interface Ticket {
  uploadId: string;
  expects: InputRole;
  link: Link;
}

const maximumBodyBytes = 512 * 1024;
// An upload that began before its ticket's end may go on for a while: a phone on a train.
const slowestUploadMs = 10 * 60_000;

/**
 * Hands out links for direct upload. With `on_complete` the edit's job is recorded at once and waits for the files, so
 * that nothing but uploads need follow.
 */
export const uploadsPost = (deps: Dependencies): Endpoint => ({
  name: "uploads-post",
  method: "POST",
  route: "api/uploads",
  access: "caller",
  runsJobs: true,
  async handle({ request, caller, context }) {
    const body = await readJsonBody(request, uploadRequest, maximumBodyBytes);
    const { on_complete: wish } = body;
    const edit = wish && { wish, offer: offerOf(chooseEditor(wish, deps.offers), "on_complete") };
    const tickets = await Promise.all(
      (body.expects ?? ["image" as const]).map(async (expects): Promise<Ticket> => {
        const uploadId = deps.ids.nextUpload(caller);
        return { uploadId, expects, link: await deps.uploads.ticket(uploadId) };
      }),
    );
    const job = edit && draftWaiting(deps, caller, edit, tickets);
    if (job) await recordAndStart(deps, job, context);
    return respondJson(201, await present(deps, tickets, job, new URL(request.url).origin));
  },
});

function draftWaiting(
  deps: Dependencies,
  caller: string,
  { wish, offer }: { wish: EditWishBody; offer: Offer },
  tickets: readonly Ticket[],
): JobRecord {
  const awaited = tickets.map(({ uploadId, expects }, index) => {
    const input: AwaitedInput = { param: `uploads.${index}`, container: "uploads", blob: uploadId };
    return { expects, input };
  });
  const expiries = tickets.map(({ link }) => link.expiresAt.getTime());
  const { tags, metadata } = wish;
  return draftJob(deps, {
    id: deps.ids.next(caller),
    caller,
    kind: "edit",
    offer,
    request: completeEdit(wish, offer.capability),
    tags,
    metadata,
    awaits: withoutAbsent({
      images: awaited.filter(({ expects }) => expects === "image").map(({ input }) => input),
      mask: awaited.find(({ expects }) => expects === "mask")?.input,
      until: new Date(Math.max(...expiries) + slowestUploadMs).toISOString(),
    }),
  });
}

async function present(
  deps: Dependencies,
  tickets: readonly Ticket[],
  job: JobRecord | undefined,
  origin: string,
): Promise<UploadTickets> {
  return withoutAbsent({
    uploads: tickets.map(({ uploadId, expects, link }) => ({
      upload_id: uploadId,
      expects,
      method: "PUT" as const,
      url: link.url,
      headers: { "x-ms-blob-type": "BlockBlob" },
      expires_at: link.expiresAt.toISOString(),
      max_bytes: widestLimits.maximumBytes,
    })),
    job: job && (await presentJob(deps, job, { slots: [], calls: [] }, origin)),
  });
}
