import { tmpdir } from "node:os";
import { app, type HttpMethod, type InvocationContext } from "@azure/functions";
import * as durable from "durable-functions";
import { beginJobWith } from "./activities/begin-job.ts";
import { collectOperationWith } from "./activities/collect-operation.ts";
import { deliverWebhookWith } from "./activities/deliver-webhook.ts";
import { failSlotsWith } from "./activities/fail-slots.ts";
import { finishJobWith } from "./activities/finish-job.ts";
import { gatherInputsWith } from "./activities/gather-inputs.ts";
import { makeThumbnailsWith } from "./activities/make-thumbnails.ts";
import { notifyCompletionWith } from "./activities/notify-completion.ts";
import { publishResultWith } from "./activities/publish-result.ts";
import { renderImagesWith } from "./activities/render-images.ts";
import { submitOperationWith } from "./activities/submit-operation.ts";
import { type NotifyCompletionStep, orchestrations, type Step, steps } from "./contracts/workflow.ts";
import { AppError, StorageFailure } from "./domain/app-error.ts";
import { azureEndpoints } from "./dialects/azure/endpoints.ts";
import { azureErrors } from "./dialects/azure/errors.ts";
import { dialectDocumentEndpoints } from "./dialects/openapi-get.ts";
import { refusingForeignClients } from "./dialects/foreign-clients.ts";
import { openAiErrors } from "./dialects/openai/errors.ts";
import { openAiEndpoints } from "./dialects/openai/endpoints.ts";
import { toConnectorError } from "./connector/contracts/results.ts";
import { basePath } from "./connector/answers.ts";
import { connectorEndpoints } from "./connector/endpoints.ts";
import { agentEndpoints } from "./connector/mcp/endpoint.ts";
import { connectorSwaggerGet, connectorSwaggerOptions } from "./connector/swagger-get.ts";
import { deliveriesGet } from "./functions/deliveries-get.ts";
import { deliveryRedeliver } from "./functions/delivery-redeliver.ts";
import { allOf } from "./async/all-of.ts";
import { batchCancelPost } from "./functions/batch-cancel-post.ts";
import { advanceWith, batchesAdvance } from "./functions/batches-advance.ts";
import { batchesDelete } from "./functions/batches-delete.ts";
import { batchesGet } from "./functions/batches-get.ts";
import { batchesList } from "./functions/batches-list.ts";
import { batchesPost } from "./functions/batches-post.ts";
import { assetsGet } from "./functions/assets-get.ts";
import { editInboxCreated, inboxContainer } from "./functions/edit-inbox-created.ts";
import { editInboxPoison, poisonQueue } from "./functions/edit-inbox-poison.ts";
import { editInboxScan } from "./functions/edit-inbox-scan.ts";
import { editsPost } from "./functions/edits-post.ts";
import { type Endpoint, toHttpHandler } from "./http/endpoint.ts";
import { docsGet } from "./functions/docs-get.ts";
import { generateInboxScan } from "./functions/generate-inbox-scan.ts";
import { generationsPost } from "./functions/generations-post.ts";
import { healthGet } from "./functions/health-get.ts";
import { jobCancelPost } from "./functions/job-cancel-post.ts";
import { jobEventsGet } from "./functions/job-events-get.ts";
import { jobImageGet } from "./functions/job-image-get.ts";
import { jobResultGet } from "./functions/job-result-get.ts";
import {
  operatorAuditList,
  operatorCallersList,
  operatorCallersPut,
  operatorKeysDelete,
  operatorKeysPost,
  operatorLimitsPut,
} from "./functions/operator-callers.ts";
import {
  operatorJobCancel,
  operatorJobRetry,
  operatorJobsGet,
  operatorJobsList,
} from "./functions/operator-jobs.ts";
import { operatorServiceGet, operatorServicePut } from "./functions/operator-service.ts";
import { jobRetryPost } from "./functions/job-retry-post.ts";
import { jobShareDelete, jobSharesList, jobSharesPost } from "./functions/job-shares.ts";
import { jobsDelete } from "./functions/jobs-delete.ts";
import { jobsGet } from "./functions/jobs-get.ts";
import { jobsList } from "./functions/jobs-list.ts";
import { jobsReconcile, reconcileSchedule } from "./functions/jobs-reconcile.ts";
import { modelsGet } from "./functions/models-get.ts";
import { openapiGet } from "./functions/openapi-get.ts";
import { pageGet } from "./functions/page-get.ts";
import { sharedImageGet } from "./functions/shared-image-get.ts";
import { deleteExpired, deleteExpiredSchedule } from "./functions/delete-expired.ts";
import { respondError } from "./http/respond.ts";
import { methodsOf, unmatched } from "./http/unmatched.ts";
import { tokensPost } from "./functions/tokens-post.ts";
import { operatorUsageGet, usageGet } from "./functions/usage-get.ts";
import { uploadsGet } from "./functions/uploads-get.ts";
import { uploadsPost } from "./functions/uploads-post.ts";
import { receivedFolderPrefix } from "./adapters/openai/reading/received-folders.ts";
import { editJob } from "./orchestrations/edit-job.ts";
import { imageJob } from "./orchestrations/image-job.ts";
import { runBatch } from "./orchestrations/run-calls.ts";
import { webhookDelivery } from "./orchestrations/webhook-delivery.ts";
import { guardProgrammingModel } from "./adapters/azure/guarded-model.ts";
import { removeStaleTempFolders } from "./adapters/node/temp-folders.ts";
import { inputFolderPrefix } from "./adapters/storage/input-files.ts";
import { isStorageFailure } from "./adapters/storage/outage.ts";
import { observeInvocations } from "./adapters/telemetry/invocations.ts";
import {
  telemetry,
  observed,
  edge,
  published,
  built,
  reading,
  accepting,
  accounting,
  issuing,
  operating,
  sharing,
  watching,
  removing,
  expiring,
  delivering,
  inbox,
  batching,
  upstream,
  connector,
  dialects,
} from "./composition.ts";

/** Table of contents: one line for each thing that can be triggered. What they are given is joined in `composition.ts`. */

// Named in the host's own way: it reads the same setting, and watches the same account.
const inboxConnection = "IMAGES_STORAGE";
const finishJob = finishJobWith(upstream);
const publishResult = publishResultWith(inbox);
const makeThumbnails = makeThumbnailsWith(upstream);
const notifyCompletion = notifyCompletionWith(delivering);
const advance = advanceWith({ ...batching, notifyCompletion });
const durableClient = durable.input.durableClient();

// Whatever is served over HTTP, for the answer to what isn't.
const served: Endpoint[] = [];

app.setup({ enableHttpStream: true });
app.hook.appStart(startTelemetryLater);
// Not waited for: the app starts without it.
app.hook.appStart(() => void removeStaleTempFolders(tmpdir(), [inputFolderPrefix, receivedFolderPrefix]));
app.hook.appTerminate(() => telemetry.stop());
observeInvocations(app.hook, observed);

http(generationsPost(accepting));
http(editsPost(accepting));
http(batchesPost({ ...batching, advance }));
http(batchesList({ ...batching, advance }));
http(batchesGet({ ...batching, advance }));
http(batchesDelete({ ...batching, advance }));
http(batchCancelPost({ ...batching, advance }));
http(uploadsPost(accepting));
http(uploadsGet(accepting));
http(tokensPost(issuing));
http(jobsList(reading));
http(jobsGet(reading));
http(jobsDelete(removing));
http(jobEventsGet({ ...reading, ...watching }));
http(jobResultGet(reading));
http(jobCancelPost({ ...accepting, notifyCompletion }));
http(jobRetryPost(accepting));
http(jobImageGet({ ...reading, makeThumbnails }));
http(jobSharesPost(sharing));
http(jobSharesList(sharing));
http(jobShareDelete(sharing));
http(sharedImageGet(sharing));
http(deliveriesGet(delivering));
http(deliveryRedeliver(delivering));
http(usageGet(accounting));
http(operatorUsageGet({ ...operating, ...accounting }));
http(operatorJobsList(operating));
http(operatorJobsGet(operating));
http(operatorJobCancel({ ...operating, notifyCompletion }));
http(operatorJobRetry(operating));
http(operatorCallersList(operating));
http(operatorCallersPut(operating));
http(operatorKeysPost(operating));
http(operatorLimitsPut(operating));
http(operatorKeysDelete(operating));
http(operatorServiceGet(operating));
http(operatorServicePut(operating));
http(operatorAuditList(operating));
http(modelsGet(published));
http(healthGet({ ...accepting, ...built }));
http(openapiGet({ ...published, ...built }));
http(connectorSwaggerGet({ ...published, ...built }));
http(connectorSwaggerOptions());
http(pageGet(built));
http(assetsGet(built));
http(docsGet(built));
for (const endpoint of Object.values(connectorEndpoints({ ...connector, notifyCompletion }))) http(endpoint);
for (const endpoint of agentEndpoints({ ...connector, notifyCompletion })) http(endpoint);
for (const endpoint of openAiEndpoints(dialects)) http(endpoint);
for (const endpoint of azureEndpoints(dialects)) http(endpoint);
for (const endpoint of dialectDocumentEndpoints(published)) http(endpoint);
const surfaces = [
  { below: basePath, render: toConnectorError },
  { below: "v1", render: openAiErrors.render },
  { below: "openai/v1", render: openAiErrors.render },
  { below: "openai", render: azureErrors.render },
];
for (const endpoint of unmatched(served, surfaces, edge.corsOrigins)) register(endpoint);

// Not before: the library registers its model with the first function.
guardProgrammingModel({
  unreadable: (id) => respondError(new AppError("invalidRequest", "This request can't be read."), id),
  unclaimed: (id) =>
    respondError(new AppError("upstreamUnavailable", "This request was lost on its way."), id),
});

// One timer for both: on Flex Consumption each function that is triggered by time alone has instances of its own.
app.timer("jobs-reconcile", {
  schedule: reconcileSchedule,
  extraInputs: [durableClient],
  handler: allOf(
    jobsReconcile({ ...removing, finishJob, publishResult, notifyCompletion }),
    editInboxScan({ ...inbox, publishResult }),
    batchesAdvance({ ...batching, advance }),
    generateInboxScan({ ...batching, advance }),
  ),
});

app.timer("delete-expired", {
  schedule: deleteExpiredSchedule,
  extraInputs: [durableClient],
  handler: deleteExpired(expiring),
});

// By event, not by scan: the only kind that the plan Darkroom is deployed on knows.
app.storageBlob("edit-inbox-created", {
  path: `${inboxContainer}/{name}`,
  connection: inboxConnection,
  source: "EventGrid",
  extraInputs: [durableClient],
  handler: editInboxCreated({ ...inbox, publishResult }),
});
app.storageQueue("edit-inbox-poison", {
  queueName: poisonQueue,
  connection: inboxConnection,
  extraInputs: [durableClient],
  handler: editInboxPoison({ ...inbox, publishResult }),
});

durable.app.orchestration(orchestrations.imageJob, imageJob);
durable.app.orchestration(orchestrations.editJob, editJob);
durable.app.orchestration(orchestrations.runBatch, runBatch);
durable.app.orchestration(orchestrations.webhookDelivery, webhookDelivery);

activity(steps.beginJob, beginJobWith(upstream));
activity(steps.gatherInputs, gatherInputsWith(upstream));
activity(steps.renderImages, renderImagesWith(upstream));
activity(steps.submitOperation, submitOperationWith(upstream));
activity(steps.collectOperation, collectOperationWith(upstream));
activity(steps.failSlots, failSlotsWith(upstream));
activity(steps.finishJob, finishJob);
activity(steps.publishResult, publishResult);
activity(steps.deliverWebhook, deliverWebhookWith(delivering));
activity(steps.makeAllThumbnails, makeThumbnails);
// The one step that starts something of its own: a delivery outlives its job by a day.
durable.app.activity(steps.notifyCompletion.name, {
  extraInputs: [durableClient],
  handler: (step: NotifyCompletionStep, context: InvocationContext) =>
    failingByStorage(() => notifyCompletion(step, context)),
});

function http(endpoint: Endpoint): void {
  served.push(endpoint);
  const guarded = endpoint.route.startsWith("api/images/")
    ? refusingForeignClients(published, endpoint)
    : endpoint;
  register({ ...guarded, methods: methodsOf(endpoint.method) });
}

/** Anonymous to the host: the authenticator in code is the only one, since OpenAI-style clients can't send a host key. */
function register(endpoint: Omit<Endpoint, "method"> & { methods: HttpMethod[] }): void {
  app.http(endpoint.name, {
    methods: endpoint.methods,
    route: endpoint.route,
    authLevel: "anonymous",
    extraInputs: endpoint.runsJobs ? [durableClient] : [],
    handler: toHttpHandler(endpoint, edge),
  });
}

function activity<I, O>(step: Step<I, O>, run: (input: I) => Promise<O>): void {
  durable.app.activity(step.name, { handler: (input: I) => failingByStorage(() => run(input)) });
}

/** The orchestration can't see what failed a step but by its message. */
async function failingByStorage<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isStorageFailure(error) ? new StorageFailure(error) : error;
  }
}

/** Anyone who listens may be away or misnamed; that is worth a line, and no reason not to start. */
async function startTelemetryLater(): Promise<void> {
  const failure = await telemetry.start();
  // oxlint-disable-next-line no-console -- no invocation whose log it could be; and messages repeat settings
  if (failure) console.warn(`Telemetry is off: ${failure.name} while it was loaded.`);
}
