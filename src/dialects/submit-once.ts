import { type IdempotencyKey, parseIdempotencyKey, kindOfTry } from "../domain/idempotency.ts";
import {
  type ClientResponse,
  joinableSince,
  leaseFrom,
  responseName,
  responseToJoin,
} from "../domain/client-response.ts";
import { AppError } from "../domain/app-error.ts";
import { type AcceptJobDeps, createOnce } from "../jobs/accept-job.ts";
import type { EndpointCall } from "../http/endpoint.ts";
import { findReplay, replayOriginal, type Replay } from "../jobs/replay-original.ts";
import { type Asked, idempotencyKeyOf, hashOf, hashOfAsked } from "../jobs/idempotency-key.ts";
import type { ClientResponses, Holding } from "../ports/client-responses.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";

export interface SubmitDeps extends AcceptJobDeps {
  responses: ClientResponses;
}

/** The job that a request is answered with. */
export interface Submitted {
  job: JobRecord;
  progress: JobProgress;
  /** It is an earlier request's. */
  isReplay: boolean;
  /** Present on requests without an id: what became of the response must be recorded. */
  holding?: Holding;
}

const maxTakes = 5;

/**
 * One request, one job, one bill, whatever the client sends to tell a retry: an Idempotency-Key; x-ms-client-request-id,
 * which Azure's clients keep over their retries; or nothing, when an equal request joins an earlier one whose response was
 * never written whole (domain/client-response.ts). That one is looked for while the job is about to be recorded: few
 * requests find one, and all of them wait.
 */
export async function submitOnce(
  deps: SubmitDeps,
  { request: { headers }, caller, identity, requestId, context }: EndpointCall,
  what: Pick<Asked, "route" | "body">,
  draft: () => JobRecord | Promise<JobRecord>,
): Promise<Submitted> {
  const asked: Asked = { headers, caller, ...what };
  const join = async (replay: Replay): Promise<Submitted> => {
    const [job, progress] = await replayOriginal(deps, replay, context);
    return { job, progress, isReplay: true };
  };
  const idempotencyKey = keyById(deps, asked);
  if (idempotencyKey) {
    const earlier = await findReplay(deps, idempotencyKey);
    if (earlier) return join(earlier);
    const job = await draft();
    const replay = await createOnce(deps, job, idempotencyKey, { context, identity });
    return replay ? join(replay) : fresh(job);
  }

  const bodyHash = hashOfAsked(asked);
  const tag = deps.ids.tagOf(caller);
  const isRetry = kindOfTry(headers.get("x-stainless-retry-count")) === "retry";
  const place = { tag, bodyHash, holder: requestId };
  const job = await draft();
  const response = { bodyHash, jobId: job.id };
  const joins = () => takeUndelivered(deps, place, isRetry);
  const own = { ...idempotencyKeyOfResponse(tag, response), joins };
  for (;;) {
    const taken = (await createOnce(deps, job, own, { context, identity }))?.original;
    if (!taken) return { ...fresh(job), holding: { tag, ...response, holder: "" } };
    const idempotencyKey = idempotencyKeyOfResponse(tag, taken);
    const joined = await orUnlessDeleted(join({ idempotencyKey, original: taken }));
    if (joined) return { ...joined, holding: { ...place, jobId: taken.jobId } };
  }
}

function fresh(job: JobRecord): Submitted {
  return { job, progress: { slots: [], calls: [] }, isReplay: false };
}

/** The body is part of an Azure client's id: one that an author wrote down once and for all joins equal requests only. */
function keyById({ ids }: Pick<SubmitDeps, "ids">, asked: Asked): IdempotencyKey | undefined {
  const { headers, caller } = asked;
  if (parseIdempotencyKey(headers.get("idempotency-key")) !== undefined)
    return idempotencyKeyOf({ ids }, asked);
  const id = headers.get("x-ms-client-request-id") ?? "";
  if (id === "") return undefined;
  const bodyHash = hashOfAsked(asked);
  return {
    kind: "retry",
    tag: ids.tagOf(caller),
    name: `client-${hashOf([caller, id, bodyHash])}`,
    bodyHash,
  };
}

function idempotencyKeyOfResponse(
  tag: string,
  response: Pick<ClientResponse, "bodyHash" | "jobId">,
): IdempotencyKey {
  return { kind: "firstTry", tag, name: responseName(response), bodyHash: response.bodyHash };
}

/** Of several requests that come for one response, one gets it; the others look again. */
async function takeUndelivered(
  { responses, clock }: SubmitDeps,
  place: Omit<Holding, "jobId">,
  isRetry: boolean,
): Promise<ClientResponse | undefined> {
  for (let round = 0; round < maxTakes; round += 1) {
    const now = clock.now();
    const listed = await responses.list(place.tag, place.bodyHash, joinableSince(now));
    const found = responseToJoin(listed, { isRetry, now });
    if (!found) return undefined;
    if (await responses.take(found, { ...place, jobId: found.jobId }, leaseFrom(now))) return found;
  }
  return undefined;
}

/** Nobody chose the name of such a job, so that one that was deleted is no reason to make no other. */
async function orUnlessDeleted<T>(joining: Promise<T>): Promise<T | undefined> {
  try {
    return await joining;
  } catch (error) {
    if (error instanceof AppError && error.code === "expired") return undefined;
    throw error;
  }
}
