import type { HttpRequest } from "@azure/functions";
import { imageHookBody } from "./contracts/hooks.ts";
import { AppError } from "../domain/app-error.ts";
import type { HookKey } from "../domain/hook.ts";
import { isTerminal } from "../domain/image-job.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { checkCallback } from "./check-callback.ts";
import type { Callbacks, CallbackStore, HookIds, HookStore } from "../ports/deliveries.ts";
import type { Endpoint, EndpointCall } from "../http/endpoint.ts";
import { cancelJob, type CancelJobDeps } from "../functions/job-cancel-post.ts";
import { basePath, connectorEndpoint } from "./answers.ts";
import { readInputBody } from "./read-input-body.ts";
import type { Addressing } from "../http/origin-of.ts";

type SubscribeDeps = Addressing &
  Pick<CancelJobDeps, "clock" | "ids"> & {
    hooks: HookStore;
    hookIds: HookIds;
    callbacks: Callbacks;
  };
type DeleteHookDeps = CancelJobDeps & { hooks: HookStore; hookIds: HookIds; callbackStore: CallbackStore };

const hookBodyBytes = 16_384;

/** Tells a workflow of ends from now on. Asked again, as engines do with every change of a workflow, it is the same hook. */
export const whenImageIsReady = (deps: SubscribeDeps): Endpoint =>
  connectorEndpoint({
    name: "when-image-is-ready",
    method: "POST",
    route: "hooks/images",
    access: "caller",
    // A subscription outlives every token.
    refusesTokens: true,
    async handle({ request, caller }) {
      const {
        callbackUrl: url,
        outcome = "succeeded",
        model,
        tag,
      } = await readInputBody(request, imageHookBody, hookBodyBytes);
      await checkCallback(deps, url);
      const callerTag = deps.ids.tagOf(caller);
      const name = deps.hookIds.nameOf(caller, url);
      const now = deps.clock.now().toISOString();
      const since = { createdAt: now, renewedAt: now };
      const hook = withoutAbsent({ callerTag, name, caller, url, outcome, model, tag, ...since });
      await deps.hooks.subscribe(hook);
      const location = hookAddress(deps, request, { kind: "hook", callerTag, name });
      return { status: 201, headers: { location } };
    },
  });

/**
 * Ends a hook. Engines have been seen to send no key with it, so the id is the credential. A genuine one is answered alike
 * whether or not its hook is still there, and any other as if there had never been one.
 */
export const deleteImageHook = (deps: DeleteHookDeps): Endpoint =>
  connectorEndpoint({
    name: "delete-image-hook",
    method: "DELETE",
    route: "hooks/images/{hookId}",
    access: "capability",
    runsJobs: true,
    async handle({ params, context }) {
      const key = deps.hookIds.read(params["hookId"] ?? "");
      if (!key) throw new AppError("notFound", "There is no such hook.");
      if (key.kind === "hook") await deps.hooks.remove(key);
      else await stopWaiting(deps, key, context);
      return { status: 204 };
    },
  });

/** A run that gave up waits no more. When none does that asked for the job, nobody wants it: what it would cost is spared. */
async function stopWaiting(
  deps: DeleteHookDeps,
  { jobId, name }: HookKey & { kind: "callback" },
  context: EndpointCall["context"],
): Promise<void> {
  const job = await deps.callbackStore.release(jobId, name);
  if (!job || isTerminal(job.status) || (job.callbacks ?? []).length > 0) return;
  try {
    await cancelJob(deps, { id: jobId, caller: job.caller }, context);
  } catch (error) {
    // It has just ended, or was deleted: there is nothing left to spare.
    if (!(error instanceof AppError) || !["conflict", "notFound"].includes(error.code)) throw error;
  }
}

/** Absolute, and enough by itself. */
export function hookAddress(
  { hookIds, originOf }: Addressing & { hookIds: HookIds },
  request: HttpRequest,
  key: HookKey,
): string {
  return `${originOf(request)}/${basePath}/hooks/images/${hookIds.write(key)}`;
}
