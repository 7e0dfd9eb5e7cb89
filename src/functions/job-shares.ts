import { randomUUID } from "node:crypto";
import { type Share, type ShareList, shareRequest } from "../contracts/shares.ts";
import { AppError } from "../domain/app-error.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { Addressing } from "../http/origin-of.ts";
import { readJsonBody } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";
import { findImageOf } from "../jobs/find-image.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import type { Clock } from "../ports/clock.ts";
import type { ShareRecord, ShareSigner, ShareStore } from "../ports/shares.ts";

export interface ShareDeps extends JobFinder, Addressing {
  shares: ShareStore;
  shareSigner: ShareSigner;
  clock: Clock;
}

const maxBodyBytes = 4_096;

/** Opens one image of the caller's own job to anyone who gets the address. */
export const jobSharesPost = (deps: ShareDeps): Endpoint => ({
  name: "job-shares-post",
  method: "POST",
  route: "api/jobs/{id}/shares",
  access: "caller",
  async handle({ request, params, caller }) {
    const { index = 0, expires_in: expiresIn } = await readJsonBody(request, shareRequest, maxBodyBytes);
    const [job] = await findImageOf(deps, caller, { jobId: params["id"] ?? "", index });
    const share = await createShare(deps, { jobId: job.id, index }, expiresIn);
    return respondJson(201, present(deps, share, deps.originOf(request)));
  },
});

/** For an image that is there. Without `expiresIn`, in seconds, it lives as long as its job. Throws `notFound`, and `conflict` for one too many. */
export async function createShare(
  deps: Pick<ShareDeps, "jobs" | "shares" | "clock">,
  { jobId, index }: Pick<ShareRecord, "jobId" | "index">,
  expiresIn: number | undefined,
): Promise<ShareRecord> {
  const now = deps.clock.now();
  const share: ShareRecord = {
    id: `shr_${randomUUID().replaceAll("-", "")}`,
    jobId,
    index,
    createdAt: now.toISOString(),
    expiresAt:
      expiresIn === undefined ? undefined : new Date(now.getTime() + expiresIn * 1_000).toISOString(),
  };
  await deps.shares.add(share);
  // Anyone who writes for a job that is being deleted removes that again.
  if (await deps.jobs.isDeleted(jobId)) {
    await deps.shares.remove(jobId, share.id);
    throw new AppError("notFound", "There is no such job.");
  }
  return share;
}

export const jobSharesList = (deps: ShareDeps): Endpoint => ({
  name: "job-shares-list",
  method: "GET",
  route: "api/jobs/{id}/shares",
  access: "caller",
  async handle({ request, params, caller }) {
    const [job] = await findJobOf(deps, caller, params["id"] ?? "");
    const origin = deps.originOf(request);
    const shares = (await deps.shares.list(job.id)).filter((share) => isGood(share, deps.clock));
    return respondJson(200, {
      shares: shares.map((share) => present(deps, share, origin)),
    } satisfies ShareList);
  },
});

export const jobShareDelete = (deps: ShareDeps): Endpoint => ({
  name: "job-share-delete",
  method: "DELETE",
  route: "api/jobs/{id}/shares/{share_id}",
  access: "caller",
  async handle({ params, caller }) {
    const [job] = await findJobOf(deps, caller, params["id"] ?? "");
    await deps.shares.remove(job.id, params["share_id"] ?? "");
    return { status: 204 };
  },
});

/** Expiry is looked at when a share is used: until its job goes its row stays. */
export function isGood({ expiresAt }: ShareRecord, clock: Clock): boolean {
  return expiresAt === undefined || Date.parse(expiresAt) > clock.now().getTime();
}

/** The address of a share, on our own origin. */
export function shareUrl(
  { shareSigner }: Pick<ShareDeps, "shareSigner">,
  share: Pick<ShareRecord, "id" | "jobId" | "index">,
  origin: string,
): string {
  const { jobId, index, id } = share;
  return `${origin}/shared/${jobId}/${index}?share=${id}&signature=${shareSigner.sign(share)}`;
}

function present(deps: ShareDeps, share: ShareRecord, origin: string): Share {
  const { id, index, createdAt, expiresAt } = share;
  return withoutAbsent({
    id,
    index,
    url: shareUrl(deps, share, origin),
    created_at: createdAt,
    expires_at: expiresAt,
  });
}
