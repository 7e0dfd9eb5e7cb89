import { tmpdir } from "node:os";
import { setTimeout } from "node:timers/promises";
import { app, type HttpMethod, type InvocationContext } from "@azure/functions";
import * as durable from "durable-functions";
import { beginJobWith } from "./activities/begin-job.ts";
import { collectOperationWith } from "./activities/collect-operation.ts";
import { concurrencyLimit, maxCallsPerDeployment } from "./activities/concurrency-limit.ts";
import { deliverWebhookWith } from "./activities/deliver-webhook.ts";
import { cancellationWatcher } from "./activities/cancellation-watcher.ts";
import { failSlotsWith } from "./activities/fail-slots.ts";
import { finishJobWith } from "./activities/finish-job.ts";
import { gatherInputsWith } from "./activities/gather-inputs.ts";
import { makeAllThumbnailsWith } from "./activities/make-all-thumbnails.ts";
import { makeThumbnailsWith } from "./activities/make-thumbnails.ts";
import { notifyCompletionWith } from "./activities/notify-completion.ts";
import { publishResultWith } from "./activities/publish-result.ts";
import { renderImagesWith } from "./activities/render-images.ts";
import { submitOperationWith } from "./activities/submit-operation.ts";
import { readConfig } from "./config/config.ts";
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
import { connectorSwaggerGet, connectorSwaggerOptions } from "./connector/swagger-get.ts";
import { deliveriesGet } from "./functions/deliveries-get.ts";
import { deliveryRedeliver } from "./functions/delivery-redeliver.ts";
import { allOf } from "./async/all-of.ts";
import { assetsGet } from "./functions/assets-get.ts";
import { editInboxCreated, inboxContainer } from "./functions/edit-inbox-created.ts";
import { editInboxPoison, poisonQueue } from "./functions/edit-inbox-poison.ts";
import { editInboxScan } from "./functions/edit-inbox-scan.ts";
import { editsPost } from "./functions/edits-post.ts";
import { type Endpoint, toHttpHandler } from "./http/endpoint.ts";
import { eventFeeds } from "./jobs/event-feed.ts";
import { generationsPost } from "./functions/generations-post.ts";
import { healthGet } from "./functions/health-get.ts";
import { jobCancelPost } from "./functions/job-cancel-post.ts";
import { jobEventsGet } from "./functions/job-events-get.ts";
import { jobImageGet } from "./functions/job-image-get.ts";
import { jobResultGet } from "./functions/job-result-get.ts";
import { jobsDelete } from "./functions/jobs-delete.ts";
import { jobsGet } from "./functions/jobs-get.ts";
import { jobsList } from "./functions/jobs-list.ts";
import { jobsReconcile, reconcileSchedule } from "./functions/jobs-reconcile.ts";
import { modelsGet } from "./functions/models-get.ts";
import { openapiGet } from "./functions/openapi-get.ts";
import { pageGet } from "./functions/page-get.ts";
import { deleteExpired, deleteExpiredSchedule } from "./functions/delete-expired.ts";
import { respondError } from "./http/respond.ts";
import { methodsOf, unmatched } from "./http/unmatched.ts";
import { uploadsPost } from "./functions/uploads-post.ts";
import { widestLimits } from "./edits/receive-input.ts";
import { openAiImageModels } from "./adapters/openai/image-models.ts";
import { receivedFolderPrefix } from "./adapters/openai/reading/received-folders.ts";
import { editJob } from "./orchestrations/edit-job.ts";
import { imageJob } from "./orchestrations/image-job.ts";
import { runBatch } from "./orchestrations/run-calls.ts";
import { webhookDelivery } from "./orchestrations/webhook-delivery.ts";
import { guardProgrammingModel } from "./adapters/azure/guarded-model.ts";
import { accessTokenProvider, lazyCredential, managedIdentity } from "./adapters/azure/credential.ts";
import { builtConnectorDefinition } from "./adapters/node/connector-definition.ts";
import { durableDeliveryRunner } from "./adapters/azure/durable-delivery-runner.ts";
import { httpConnections } from "./adapters/net/http-connections.ts";
import { plainCallbacks } from "./adapters/net/checked-post.ts";
import { hmacHookIds } from "./adapters/crypto/hook-ids.ts";
import { hmacCursorSigner } from "./adapters/crypto/cursor-signer.ts";
import { durableJobRunner } from "./adapters/azure/durable-job-runner.ts";
import { checkedImageFetcher } from "./adapters/net/image-fetcher.ts";
import { randomJobIds } from "./adapters/crypto/job-id-maker.ts";
import { callerByKey, callerNamed, apiKeyAuthenticator } from "./adapters/crypto/api-key-authenticator.ts";
import { linkFetcher } from "./adapters/net/link-fetcher.ts";
import { builtPageFiles } from "./adapters/node/page-files.ts";
import { hmacResultSigner } from "./adapters/crypto/result-signer.ts";
import { signedWebhooks } from "./adapters/net/signed-webhooks.ts";
import { systemClock } from "./adapters/node/system-clock.ts";
import { removeStaleTempFolders } from "./adapters/node/temp-folders.ts";
import { tableCallbackStore } from "./adapters/storage/callback-store.ts";
import { tableHookStore } from "./adapters/storage/hook-store.ts";
import { tableDeliveryStore } from "./adapters/storage/delivery-store.ts";
import { blobContainerCleaner } from "./adapters/storage/blob-shelf.ts";
import { recentImages } from "./adapters/storage/recent-images.ts";
import { sharpImageResizer } from "./adapters/storage/image-resizer.ts";
import { blobImageStore } from "./adapters/storage/image-store.ts";
import { blobEditResultStore } from "./adapters/storage/edit-result-store.ts";
import { tableIdempotencyStore } from "./adapters/storage/idempotency-store.ts";
import { tableClientResponses } from "./adapters/storage/client-response-store.ts";
import { textCipher } from "./adapters/crypto/text-cipher.ts";
import { tempAnswerSpool } from "./adapters/storage/answer-spool.ts";
import { inputFolderPrefix, tempInputFiles } from "./adapters/storage/input-files.ts";
import { sharpImageProcessor } from "./adapters/storage/image-processor.ts";
import { tableJobRetention } from "./adapters/storage/job-removal.ts";
import { tableJobStore } from "./adapters/storage/job-store.ts";
import { blobInboxListing } from "./adapters/storage/inbox-listing.ts";
import { linkMakers } from "./adapters/storage/links.ts";
import { isOutage, isStorageFailure } from "./adapters/storage/outage.ts";
import { tableQuotaPools } from "./adapters/storage/quota-pool-store.ts";
import { storageClients } from "./adapters/storage/storage-clients.ts";
import { tableTicketStore } from "./adapters/storage/ticket-store.ts";
import { sharpThumbnailMaker } from "./adapters/storage/thumbnail-maker.ts";
import { blobUploadStore } from "./adapters/storage/upload-store.ts";
import { currentInvocation, observeInvocations } from "./adapters/telemetry/invocations.ts";
import { knownJobs } from "./adapters/telemetry/known-jobs.ts";
import { observedIdempotency, observedJobs } from "./adapters/telemetry/observed-jobs.ts";
import { observedModels } from "./adapters/telemetry/observed-models.ts";
import {
  observedCallbacks,
  observedDeliveries,
  observedDeliveryRunner,
  observedImages,
  observedUploads,
  observedWebhooks,
} from "./adapters/telemetry/observed-stores.ts";
import { lateTelemetry } from "./adapters/telemetry/telemetry.ts";
import { originReader } from "./http/origin-of.ts";

/** Table of contents: settings, adapters, and one line for each thing that can be triggered. */

const config = readConfig();
const clock = systemClock;
const credential = lazyCredential();
const { blobs, tables } = storageClients(config.storage, () => credential);
const { makeLink, makeTicket } = linkMakers(blobs, config.linkTtlHours, clock);
const listening = config.telemetry;
const telemetry = lateTelemetry(
  listening &&
    (async () => (await import("./adapters/telemetry/start.ts")).startTelemetry(listening, managedIdentity)),
);
const uploads = observedUploads(blobUploadStore(blobs, makeTicket), telemetry);
// Named in the host's own way: it reads the same setting, and watches the same account.
const inboxConnection = "IMAGES_STORAGE";

const storedJobs = tableJobStore(tables);
const observed = {
  telemetry,
  // Where nobody listens, nothing is read for them.
  jobs: knownJobs((jobId) => (listening ? storedJobs.read(jobId) : Promise.resolve(undefined))),
  requestId: () => currentInvocation()?.invocationId,
  log: (line: string) => currentInvocation()?.info(line),
};
const jobs = observedJobs(storedJobs, observed);

const deps = {
  clock,
  isStorageFailure,
  sleep: (ms: number) => setTimeout(ms),
  spool: tempAnswerSpool(),
  callLimit: concurrencyLimit(clock, maxCallsPerDeployment(config.offers.length)),
  quotaPools: tableQuotaPools(tables),
  quotas: new Map(
    config.offers.flatMap(({ deployment: { name, quota } }) => (quota ? [[name, quota] as const] : [])),
  ),
  warn: (line: string) => currentInvocation()?.warn(line),
  offers: [...config.offers, ...config.aliases],
  jobDeadlineSeconds: config.jobDeadlineSeconds,
  logPrompts: config.logPrompts,
  jobs,
  idempotency: observedIdempotency(tableIdempotencyStore(tables), observed),
  responses: tableClientResponses(tables),
  ends: cancellationWatcher(jobs),
  images: observedImages(
    recentImages(blobImageStore(blobs, makeLink, textCipher(config.signingKey, "revised prompt"))),
    telemetry,
  ),
  models: observedModels(
    openAiImageModels({
      offers: config.offers,
      clock,
      accessToken: accessTokenProvider(credential, config.tokenScope),
      fetchLink: linkFetcher({ allowlist: config.urlAllowlist, clock }),
    }),
    {
      telemetry,
      modelOf: (name) => config.offers.find(({ deployment }) => deployment.name === name)?.deployment.model,
    },
  ),
  resizer: sharpImageResizer,
  thumbnails: sharpThumbnailMaker,
  uploads,
  ticketStore: tableTicketStore(tables),
  inbox: blobInboxListing(blobs),
  results: blobEditResultStore(blobs),
  imageProcessor: sharpImageProcessor,
  inputs: tempInputFiles(uploads),
  fetcher: checkedImageFetcher({ allowlist: config.urlAllowlist, maximumBytes: widestLimits.maximumBytes }),
  inboxCaller: callerByKey(config.inboxCaller),
  deliveries: observedDeliveries(tableDeliveryStore(tables), telemetry),
  webhooks: observedWebhooks(
    signedWebhooks({
      secrets: new Map([...config.webhookSecrets].map(([name, secrets]) => [callerNamed(name), secrets])),
      allowlist: config.urlAllowlist,
      clock,
    }),
    telemetry,
  ),
  deliveryRunner: observedDeliveryRunner(durableDeliveryRunner, telemetry),
  hooks: tableHookStore(tables),
  hookIds: hmacHookIds(config.signingKey),
  callbackStore: tableCallbackStore(tables),
  callbacks: observedCallbacks(plainCallbacks({ allowlist: config.urlAllowlist, clock }), telemetry),
  ids: randomJobIds(clock),
  signer: hmacResultSigner(config.signingKey, config.linkTtlHours, clock),
  pictureSigner: hmacResultSigner(config.signingKey, config.linkTtlHours, clock, "picture"),
  cursors: hmacCursorSigner(config.signingKey),
  runner: durableJobRunner(config.offers),
  rows: tableJobRetention(tables),
  shelves: {
    images: blobContainerCleaner(blobs, "images"),
    uploads: blobContainerCleaner(blobs, "uploads"),
    results: blobContainerCleaner(blobs, "edit-results"),
  },
  page: builtPageFiles(new URL("page/", import.meta.url)),
  definition: builtConnectorDefinition(new URL("connector.swagger.json", import.meta.url)),
  publicOrigin: config.publicOrigin,
  originOf: originReader(config.publicOrigin),
  imageOrigin: new URL(blobs.url).origin,
  retentionDays: config.retentionDays,
};
const connections = httpConnections();
const feeds = eventFeeds(jobs);
const edge = { authenticator: apiKeyAuthenticator(config), isOutage };
const finishJob = finishJobWith(deps);
const publishResult = publishResultWith(deps);
const makeThumbnails = makeThumbnailsWith(deps);
const notifyCompletion = notifyCompletionWith(deps);
const durableClient = durable.input.durableClient();

// Whatever is served over HTTP, for the answer to what isn't.
const served: Endpoint[] = [];

app.setup({ enableHttpStream: true });
app.hook.appStart(startTelemetryLater);
// Not waited for: the app starts without it.
app.hook.appStart(() => void removeStaleTempFolders(tmpdir(), [inputFolderPrefix, receivedFolderPrefix]));
app.hook.appTerminate(() => telemetry.stop());
observeInvocations(app.hook, observed);

http(generationsPost(deps));
http(editsPost(deps));
http(uploadsPost(deps));
http(jobsList(deps));
http(jobsGet(deps));
http(jobsDelete(deps));
http(jobEventsGet({ ...deps, feeds, connections }));
http(jobResultGet(deps));
http(jobCancelPost({ ...deps, notifyCompletion }));
http(jobImageGet({ ...deps, makeThumbnails }));
http(deliveriesGet(deps));
http(deliveryRedeliver(deps));
http(modelsGet(deps));
http(healthGet(deps));
http(openapiGet(deps));
http(connectorSwaggerGet(deps));
http(connectorSwaggerOptions());
http(pageGet(deps));
http(assetsGet(deps));
for (const endpoint of Object.values(connectorEndpoints({ ...deps, notifyCompletion }))) http(endpoint);
for (const endpoint of openAiEndpoints({ ...deps, feeds, connections })) http(endpoint);
for (const endpoint of azureEndpoints({ ...deps, feeds, connections })) http(endpoint);
for (const endpoint of dialectDocumentEndpoints(deps)) http(endpoint);
const surfaces = [
  { below: basePath, render: toConnectorError },
  { below: "v1", render: openAiErrors.render },
  { below: "openai/v1", render: openAiErrors.render },
  { below: "openai", render: azureErrors.render },
];
for (const endpoint of unmatched(served, surfaces)) register(endpoint);

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
    jobsReconcile({ ...deps, finishJob, publishResult, notifyCompletion }),
    editInboxScan({ ...deps, publishResult }),
  ),
});

app.timer("delete-expired", {
  schedule: deleteExpiredSchedule,
  extraInputs: [durableClient],
  handler: deleteExpired(deps),
});

// By event, not by scan: the only kind that the plan Darkroom is deployed on knows.
app.storageBlob("edit-inbox-created", {
  path: `${inboxContainer}/{name}`,
  connection: inboxConnection,
  source: "EventGrid",
  extraInputs: [durableClient],
  handler: editInboxCreated({ ...deps, publishResult }),
});
app.storageQueue("edit-inbox-poison", {
  queueName: poisonQueue,
  connection: inboxConnection,
  extraInputs: [durableClient],
  handler: editInboxPoison({ ...deps, publishResult }),
});

durable.app.orchestration(orchestrations.imageJob, imageJob);
durable.app.orchestration(orchestrations.editJob, editJob);
durable.app.orchestration(orchestrations.runBatch, runBatch);
durable.app.orchestration(orchestrations.webhookDelivery, webhookDelivery);

activity(steps.beginJob, beginJobWith(deps));
activity(steps.gatherInputs, gatherInputsWith(deps));
activity(steps.renderImages, renderImagesWith(deps));
activity(steps.submitOperation, submitOperationWith(deps));
activity(steps.collectOperation, collectOperationWith(deps));
activity(steps.failSlots, failSlotsWith(deps));
activity(steps.finishJob, finishJob);
activity(steps.publishResult, publishResult);
activity(steps.deliverWebhook, deliverWebhookWith(deps));
activity(steps.makeAllThumbnails, makeAllThumbnailsWith({ makeThumbnails }));
// The one step that starts something of its own: a delivery outlives its job by a day.
durable.app.activity(steps.notifyCompletion.name, {
  extraInputs: [durableClient],
  handler: (step: NotifyCompletionStep, context: InvocationContext) =>
    failingByStorage(() => notifyCompletion(step, context)),
});

function http(endpoint: Endpoint): void {
  served.push(endpoint);
  const guarded = endpoint.route.startsWith("api/images/")
    ? refusingForeignClients(deps, endpoint)
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
