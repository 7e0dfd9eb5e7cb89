import type { CreatedImages } from "./contracts/schemas.ts";
import { imageTriggerQuery } from "./contracts/requests.ts";
import { readCursor, writeCursor } from "../domain/list-cursor.ts";
import {
  initialState,
  type Finished,
  readState,
  nextBatch,
  type TriggerState,
  writeState,
} from "../domain/trigger-state.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { withDecidedEnd } from "../jobs/find-job.ts";
import type { Paging } from "../functions/jobs-list.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { type JobPresenter, presentCreatedImages } from "./view.ts";
import { readInputQuery } from "./read-input-body.ts";
import type { Addressing } from "../http/origin-of.ts";

interface Dependencies extends Paging, JobPresenter, Addressing {
  clock: Clock;
  jobDeadlineSeconds: number;
  queueDeadlineSeconds: number;
}

// Ten images each at most; a workflow is started for every one.
const maxJobs = 20;
// The engine's own recurrence decides; this only keeps it from coming sooner.
const pollAfterSeconds = 15;
// Inputs may be waited for that long before a job begins.
const maxWaitMs = 24 * 3_600_000;
const slackMs = 3_600_000;

/**
 * A polling trigger. Where a poller stands is in the address it is given for the next poll, and nowhere else; the first
 * poll, which has none, begins with what is yet to come.
 *
 * A state that isn't genuine, or belongs to other filters, counts as none: a trigger that is refused its own address
 * would never get another.
 */
export const whenImagesAreCreated = (deps: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "when-images-are-created",
    method: "GET",
    route: "triggers/images",
    access: "caller",
    async handle({ request, caller, context }) {
      const given = readInputQuery(request, imageTriggerQuery);
      const { state: text, ...filters } = given;
      const list = JSON.stringify(["trigger", caller, filters.model ?? null, filters.tag ?? null]);
      const place = text === undefined ? undefined : readCursor(list, text, deps.cursors);
      if (text !== undefined && place === undefined)
        context.warn("a trigger's state was not genuine, or of other filters: it begins anew");
      const now = deps.clock.now();
      const state = place === undefined ? initialState(now) : readState(place);
      const finished = place === undefined ? [] : await readFinished(deps, caller, filters, state);
      const { fresh, hasMore, next } = nextBatch(state, finished, now, maxJobs);
      const { pathname, search } = new URL(request.url);
      const address = new URL(`${deps.originOf(request)}${pathname}${search}`);
      address.searchParams.set("state", writeCursor(list, writeState(next), deps.cursors));
      const headers = {
        location: address.href,
        "retry-after": String(hasMore ? 0 : pollAfterSeconds),
      };
      const body: CreatedImages = { value: await presentAll(deps, fresh) };
      return body.value.length > 0
        ? respondJson(200, body, headers)
        : { status: 202, headers: { ...headers, "cache-control": "no-store" } };
    },
  });

async function readFinished(
  { jobs, ids, jobDeadlineSeconds, queueDeadlineSeconds }: Dependencies,
  caller: string,
  filters: { model?: string | undefined; tag?: string | undefined },
  { from }: TriggerState,
): Promise<Finished[]> {
  const maxJobMs = maxWaitMs + (queueDeadlineSeconds + jobDeadlineSeconds) * 1000 + slackMs;
  const query = withoutAbsent({
    ...filters,
    caller,
    callerTag: ids.tagOf(caller),
    createdAfter: new Date(Date.parse(from) - maxJobMs),
    finishedAfter: from,
  });
  const found: Finished[] = [];
  for await (const job of jobs.listSucceeded(query)) found.push(job);
  return found;
}

/** Images in the order in which their jobs ended. A job that was deleted since has none. */
async function presentAll(deps: Dependencies, fresh: Finished[]): Promise<CreatedImages["value"]> {
  const shown = await Promise.all(
    fresh.map(async ({ id }) => {
      const job = await deps.jobs.read(id);
      if (!job) return [];
      const progress = await deps.jobs.readProgress(id);
      return presentCreatedImages(deps, withDecidedEnd(job, progress), progress);
    }),
  );
  return shown.flat();
}
