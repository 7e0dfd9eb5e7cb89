import { gather } from "../async/gather.ts";
import { checkShape } from "../contracts/check-shape.ts";
import { editParams, sidecar, type EditParamsBody } from "../contracts/requests.ts";
import { nameBeside } from "../domain/blob-name.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { chooseEditor, toEditRequest } from "../domain/edit-request.ts";
import { errorInfo, AppError, type ErrorInfo, invalidRequest, isOfRequest } from "../domain/app-error.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Webhooks } from "../ports/deliveries.ts";
import type { UploadFacts, UploadStore } from "../ports/inputs.ts";
import type { JobIds } from "../ports/jobs.ts";
import type { AwaitedInput, JobRecord } from "../ports/records.ts";
import { createJobRecord, type JobRecordDeps, requireDeployment } from "../jobs/create-job-record.ts";
import { fromTexts } from "./form-fields.ts";
import { partError } from "../domain/param-error.ts";
import { readWebhook } from "../jobs/read-webhook.ts";

export interface Inbox extends JobRecordDeps {
  uploads: UploadStore;
  ids: JobIds;
  offers: readonly ResolvedDeployment[];
  webhooks: Webhooks;
  /** The caller that owns what comes by the inbox. */
  inboxCaller: string;
}

interface Drop {
  imageParams: EditParamsBody;
  images: AwaitedInput[];
  mask?: AwaitedInput | undefined;
}

// Files may arrive in any order; a sidecar waits this long for its images.
const maxArrivalMs = 10 * 60_000;
const maxSidecarBytes = 512 * 1024;
// Inputs share one column of 32 K characters, and a refusal that names them all must fit into a durable history.
const maxNamesLength = 8_000;

/**
 * The job that a file of the inbox asks for: a sidecar, or an image with a prompt in its metadata. A request that can't be
 * granted is a job that has failed already. Undefined for a file that asks for nothing, or is gone.
 */
export async function draftFromInbox(deps: Inbox, blob: string): Promise<JobRecord | undefined> {
  const facts = await deps.uploads.find({ container: "edit-inbox", blob });
  if (!facts || !asksForAnEdit(blob, facts)) return undefined;
  try {
    const drop = isSidecar(blob) ? await readSidecar(deps, blob, facts) : readMetadata(blob, facts);
    return drop && (await draftWaiting(deps, blob, facts, drop));
  } catch (error) {
    if (!(error instanceof AppError) || !isOfRequest(error.code)) throw error;
    // Overwritten while it was read: the new version has an event of its own.
    if (error.code === "conflict") return undefined;
    return draftFailed(deps, blob, facts, errorInfo(error.code, error.detail));
  }
}

/** A job for a file whose handling failed every time; undefined when it is gone, or asked for nothing. */
export async function draftFromPoison(deps: Inbox, blob: string): Promise<JobRecord | undefined> {
  const facts = await deps.uploads.find({ container: "edit-inbox", blob });
  const failure = errorInfo(
    "internal",
    "This file could not be handled, although it was tried five times. Drop it again.",
  );
  return facts && asksForAnEdit(blob, facts) ? draftFailed(deps, blob, facts, failure) : undefined;
}

export function isSidecar(blob: string): boolean {
  return /\.json$/i.test(blob);
}

/** Whether a file is to become a job; what it may look like can be seen without reading it. */
export function asksForAnEdit(blob: string, { metadata }: Pick<UploadFacts, "metadata">): boolean {
  return isSidecar(blob) || metadata["prompt"] !== undefined;
}

/** Undefined when it was overwritten just now: the new version has an event of its own. */
async function readSidecar(
  { uploads }: Inbox,
  blob: string,
  { etag, bytes }: UploadFacts,
): Promise<Drop | undefined> {
  if (bytes > maxSidecarBytes)
    throw partError(blob, "tooLarge", `has ${bytes} bytes; a sidecar may have ${maxSidecarBytes}`);
  const content = await uploads.open({ container: "edit-inbox", blob, etag });
  if (!content) return undefined;
  const { image, mask, ...imageParams } = checkShape(
    parseSidecar(await gather(content), blob),
    sidecar,
    "sidecar",
  );
  const names = typeof image === "string" ? [image] : image;
  return {
    imageParams,
    images: names.map((name) => beside(blob, name, "image")),
    mask: mask === undefined ? undefined : beside(blob, mask, "mask"),
  };
}

function parseSidecar(bytes: Uint8Array, blob: string): unknown {
  try {
    // A byte order mark, which some editors write, is skipped.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw partError(blob, "invalidRequest", "is not valid JSON in UTF-8");
  }
}

function beside(blob: string, name: string, param: "image" | "mask"): AwaitedInput {
  const found = nameBeside(blob, name);
  if (found !== undefined)
    return { param: `${param} ${JSON.stringify(name)}`, container: "edit-inbox", blob: found };
  const message = `${param} ${JSON.stringify(name)} must name a file beside the one that names it: no "..", no leading slash.`;
  throw invalidRequest([{ param, message }]);
}

const metadataFields = Object.keys(editParams.shape).filter((name) => name !== "tags" && name !== "metadata");

/** Metadata may hold more than is ours: other tools keep theirs there. */
function readMetadata(blob: string, { etag, metadata }: UploadFacts): Drop {
  const texts = metadataFields.flatMap((name) => {
    const value = metadata[name];
    return value === undefined ? [] : [[name, decode(name, value)] as const];
  });
  const imageParams = checkShape(fromTexts(Object.fromEntries(texts)), editParams, "metadata");
  const mask = metadata["mask"];
  return {
    imageParams,
    images: [{ param: `image ${JSON.stringify(blob)}`, container: "edit-inbox", blob, etag }],
    mask: mask ? beside(blob, decode("mask", mask), "mask") : undefined,
  };
}

/** Metadata travels in headers, which are ASCII: what is beyond is percent-encoded. */
function decode(param: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalidRequest([
      { param, message: `${param} is not valid percent-encoded UTF-8; write a % as %25.` },
    ]);
  }
}

async function draftWaiting(
  deps: Inbox,
  blob: string,
  facts: UploadFacts,
  { imageParams, images, mask }: Drop,
): Promise<JobRecord> {
  const offer = requireDeployment(chooseEditor(imageParams, deps.offers));
  if (JSON.stringify([images, mask]).length > maxNamesLength)
    throw partError("image", "invalidRequest", "names files at too great a length; use shorter names");
  return createJobRecord(deps, {
    ...identity(deps, blob, facts),
    offer,
    ...toEditRequest(imageParams, offer),
    scheduling: imageParams,
    tags: imageParams.tags,
    metadata: imageParams.metadata,
    webhook: await readWebhook(deps, deps.inboxCaller, imageParams),
    awaits: withoutAbsent({
      images,
      mask,
      until: new Date(deps.clock.now().getTime() + maxArrivalMs).toISOString(),
    }),
  });
}

function draftFailed(deps: Inbox, blob: string, facts: UploadFacts, failure: ErrorInfo): JobRecord {
  const now = deps.clock.now().toISOString();
  return {
    ...identity(deps, blob, facts),
    status: "failed",
    model: "",
    deployment: "",
    request: { prompt: "", n: 1, size: "" },
    createdAt: now,
    deadline: now,
    finishedAt: now,
    notification: "pending",
    failure,
  };
}

/** The id of the job that this version of the file has, or would have. */
export function inboxJobId(
  { ids, inboxCaller }: Pick<Inbox, "ids" | "inboxCaller">,
  blob: string,
  version: Pick<UploadFacts, "etag" | "modifiedAt">,
): string {
  return ids.ofBlob(inboxCaller, `edit-inbox/${blob}`, version);
}

function identity(deps: Inbox, blob: string, facts: UploadFacts) {
  const { inboxCaller } = deps;
  return {
    id: inboxJobId(deps, blob, facts),
    caller: inboxCaller,
    kind: "edit" as const,
    inbox: { blob, modifiedAt: facts.modifiedAt.toISOString() },
  };
}
