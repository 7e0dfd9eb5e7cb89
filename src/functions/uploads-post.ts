import type { Job, UploadTickets } from "../contracts/http-api.ts";
import { type EditParamsBody, uploadRequest } from "../contracts/requests.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { chooseEditor, toEditRequest } from "../domain/edit-request.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { idempotencyKeyOf } from "../jobs/idempotency-key.ts";
import { createJobRecord, type JobRecordDeps, requireDeployment } from "../jobs/create-job-record.ts";
import { openTickets } from "../edits/open-tickets.ts";
import { type InputRole, widestLimits } from "../edits/receive-input.ts";
import { readWebhook } from "../jobs/read-webhook.ts";
import type { Webhooks } from "../ports/deliveries.ts";
import type { Link } from "../ports/images.ts";
import type { TicketStore, UploadStore } from "../ports/inputs.ts";
import type { AwaitedInput, JobRecord } from "../ports/records.ts";
import { type AcceptJobDeps, createOnce, replayed } from "../jobs/accept-job.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { replayOriginal } from "../jobs/replay-original.ts";
import { toJobResource } from "../jobs/job-resource.ts";
import { readJsonBody } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";

type Dependencies = AcceptJobDeps &
  JobRecordDeps & {
    offers: readonly ResolvedDeployment[];
    uploads: UploadStore;
    ticketStore: TicketStore;
    webhooks: Webhooks;
  };

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
  scopes: ["edit"],
  runsJobs: true,
  async handle({ request, caller, identity, context }) {
    const body = await readJsonBody(request, uploadRequest, maximumBodyBytes);
    const origin = deps.originOf(request);
    const { on_complete: imageParams } = body;
    const expects = body.expects ?? ["image" as const];
    const newUploads = () =>
      expects.map((role) => ({ uploadId: deps.ids.nextUpload(caller), expects: role }));
    // Without an edit nothing can be paid twice: anyone who asks again gets other links.
    if (!imageParams) return respondJson(201, present(await ticketsFor(deps, caller, newUploads())));

    const offer = requireDeployment(chooseEditor(imageParams, deps.offers), "on_complete");
    const webhook = await readWebhook(deps, caller, imageParams, "on_complete");
    const parseIdempotencyKey = idempotencyKeyOf(deps, {
      headers: request.headers,
      caller,
      route: "uploads",
      body,
    });
    const tickets = await ticketsFor(deps, caller, newUploads());
    const job = draftWaiting(deps, caller, { imageParams, offer, webhook }, tickets);
    const asker = { context, identity };
    const replay = await createOnce(deps, job, parseIdempotencyKey, asker).catch(async (error: unknown) => {
      await discardTickets(deps, caller, tickets);
      throw error;
    });
    if (!replay)
      return respondJson(
        201,
        present(tickets, await toJobResource(deps, job, { slots: [], calls: [] }, origin)),
      );

    await discardTickets(deps, caller, tickets);
    // The first answer may never have arrived: its uploads are what the job waits for, and their links are made anew.
    const [first, progress] = await replayOriginal(deps, replay, context);
    const uploads = await ticketsFor(deps, caller, awaitedUploads(first));
    return respondJson(201, present(uploads, await toJobResource(deps, first, progress, origin)), replayed);
  },
});

/** Throws `throttled` when the caller has too many that are open. */
async function ticketsFor(
  deps: Dependencies,
  caller: string,
  wanted: readonly Omit<Ticket, "link">[],
): Promise<Ticket[]> {
  const tickets = await Promise.all(
    wanted.map(async (upload) => ({ ...upload, link: await deps.uploads.ticket(upload.uploadId) })),
  );
  await openTickets(deps, deps.ids.tagOf(caller), openOf(tickets));
  return tickets;
}

/** Tickets that nobody is given don't count against their caller. */
async function discardTickets(
  { ids, ticketStore }: Dependencies,
  caller: string,
  tickets: readonly Ticket[],
) {
  await ticketStore.remove(ids.tagOf(caller), openOf(tickets));
}

const openOf = (tickets: readonly Ticket[]) =>
  tickets.map(({ uploadId, link: { expiresAt } }) => ({ uploadId, expiresAt }));

function draftWaiting(
  deps: Dependencies,
  caller: string,
  {
    imageParams,
    offer,
    webhook,
  }: { imageParams: EditParamsBody; offer: ResolvedDeployment; webhook: JobRecord["webhook"] },
  tickets: readonly Ticket[],
): JobRecord {
  const awaited = tickets.map(({ uploadId, expects }, index) => {
    const input: AwaitedInput = { param: `uploads.${index}`, container: "uploads", blob: uploadId };
    return { expects, input };
  });
  const expiries = tickets.map(({ link }) => link.expiresAt.getTime());
  const { tags, metadata } = imageParams;
  return createJobRecord(deps, {
    id: deps.ids.next(caller),
    caller,
    kind: "edit",
    offer,
    ...toEditRequest(imageParams, offer),
    scheduling: imageParams,
    tags,
    metadata,
    webhook,
    awaits: withoutAbsent({
      images: awaited.filter(({ expects }) => expects === "image").map(({ input }) => input),
      mask: awaited.find(({ expects }) => expects === "mask")?.input,
      until: new Date(Math.max(...expiries) + slowestUploadMs).toISOString(),
    }),
  });
}

/** The uploads that a waiting edit was recorded with, in the order in which they were asked for. */
function awaitedUploads({ awaits }: JobRecord): Omit<Ticket, "link">[] {
  const images = awaits?.images.map((input) => ({ input, expects: "image" as const })) ?? [];
  const mask = awaits?.mask ? [{ input: awaits.mask, expects: "mask" as const }] : [];
  const position = ({ param }: AwaitedInput) => Number(param.split(".")[1]);
  return [...images, ...mask]
    .sort((a, b) => position(a.input) - position(b.input))
    .map(({ input, expects }) => ({ uploadId: input.blob, expects }));
}

function present(tickets: readonly Ticket[], job?: Job): UploadTickets {
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
    job,
  });
}
