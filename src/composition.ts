import { callbackBodyWith } from "./connector/view.ts";
import { setTimeout } from "node:timers/promises";
import { concurrencyLimit, maxCallsPerDeployment } from "./activities/concurrency-limit.ts";
import { cancellationWatcher } from "./activities/cancellation-watcher.ts";
import { readConfig } from "./config/config.ts";
import { accountedJobs, jobAccounts } from "./jobs/job-accounts.ts";
import { jobQueue } from "./jobs/job-queue.ts";
import { jobWaits } from "./jobs/job-waits.ts";
import { eventFeeds } from "./jobs/event-feed.ts";
import { widestLimits } from "./edits/receive-input.ts";
import { openAiImageModels } from "./adapters/openai/image-models.ts";
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
import { jwtAccessTokens } from "./adapters/crypto/access-tokens.ts";
import { callerLimitsOf } from "./adapters/crypto/caller-limits.ts";
import { callerDirectory } from "./adapters/crypto/caller-directory.ts";
import { keyIdOf, settingCallers, settingKeys } from "./adapters/crypto/setting-keys.ts";
import { linkFetcher } from "./adapters/net/link-fetcher.ts";
import { builtInfo } from "./adapters/node/build-info.ts";
import { builtPageFiles } from "./adapters/node/page-files.ts";
import { hmacResultSigner } from "./adapters/crypto/result-signer.ts";
import { signedWebhooks } from "./adapters/net/signed-webhooks.ts";
import { systemClock } from "./adapters/node/system-clock.ts";
import { hmacShareSigner } from "./adapters/crypto/share-signer.ts";
import { tableCallbackStore } from "./adapters/storage/callback-store.ts";
import { tableHookStore } from "./adapters/storage/hook-store.ts";
import { tableDeliveryStore } from "./adapters/storage/delivery-store.ts";
import { tableCancellationNotices } from "./adapters/storage/cancellation-notices.ts";
import { blobContainerCleaner } from "./adapters/storage/blob-container-cleaner.ts";
import { recentImages } from "./adapters/storage/recent-images.ts";
import { sharpImageResizer } from "./adapters/storage/image-resizer.ts";
import { sharpRenditionMaker } from "./adapters/storage/rendition-maker.ts";
import { blobImageStore } from "./adapters/storage/image-store.ts";
import { blobBatchStore } from "./adapters/storage/batch-store.ts";
import { blobResultStore } from "./adapters/storage/result-store.ts";
import { tableIdempotencyStore } from "./adapters/storage/idempotency-store.ts";
import { tableClientResponses } from "./adapters/storage/client-response-store.ts";
import { textCipher } from "./adapters/crypto/text-cipher.ts";
import { tempAnswerSpool } from "./adapters/storage/answer-spool.ts";
import { tempInputFiles } from "./adapters/storage/input-files.ts";
import { sharpImageProcessor } from "./adapters/storage/image-processor.ts";
import { tableJobRetention } from "./adapters/storage/job-removal.ts";
import { tableJobUsage } from "./adapters/storage/job-usage.ts";
import { tableJobStore } from "./adapters/storage/job-store.ts";
import { blobInboxListing } from "./adapters/storage/inbox-listing.ts";
import { linkMakers } from "./adapters/storage/links.ts";
import { isOutage, isStorageFailure } from "./adapters/storage/outage.ts";
import { tableQuotaPools } from "./adapters/storage/quota-pool-store.ts";
import { storageClients } from "./adapters/storage/storage-clients.ts";
import { tableCallerAccounts } from "./adapters/storage/account-store.ts";
import { tableAllJobs } from "./adapters/storage/all-jobs.ts";
import { tableAuditLog } from "./adapters/storage/audit-log.ts";
import { tableCallerRegistry } from "./adapters/storage/caller-registry.ts";
import { tableServiceState } from "./adapters/storage/service-state.ts";
import { tableTokenUses } from "./adapters/storage/token-use-store.ts";
import { tableShareStore } from "./adapters/storage/share-store.ts";
import { tableTicketStore } from "./adapters/storage/ticket-store.ts";
import { sharpThumbnailMaker } from "./adapters/storage/thumbnail-maker.ts";
import { blobUploadStore } from "./adapters/storage/upload-store.ts";
import { currentInvocation } from "./adapters/telemetry/invocations.ts";
import { knownJobs } from "./adapters/telemetry/known-jobs.ts";
import { observedIdempotency, observedJobs, observeEnd } from "./adapters/telemetry/observed-jobs.ts";
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
import { recordedIdempotency, recordedJobs, type RecordedJobsDeps } from "./jobs/recorded-jobs.ts";
import { messageOf } from "./domain/message-of.ts";
import { withoutAbsent } from "./domain/without-absent.ts";
import { heldRunner } from "./jobs/held-runner.ts";
import type { JobRecord } from "./ports/records.ts";
import { originReader } from "./http/origin-of.ts";

/** Config → adapters → ports, decorated by telemetry where it listens; then small bags, by what they serve. */

const config = readConfig();
const clock = systemClock;
const credential = lazyCredential();
const { blobs, tables } = storageClients(config.storage, () => credential);
const { makeLink, makeTicket } = linkMakers(blobs, config.linkTtlHours, clock, config.linkOrigin);
const listening = config.telemetry;
export const telemetry = lateTelemetry(
  listening &&
    (async () => (await import("./adapters/telemetry/start.ts")).startTelemetry(listening, managedIdentity)),
);

const storedJobs = tableJobStore(tables);
export const observed = {
  telemetry,
  // Where nobody listens, nothing is read for them.
  jobs: knownJobs((jobId) => (listening ? storedJobs.read(jobId) : Promise.resolve(undefined))),
};
const recorded: RecordedJobsDeps = {
  origin() {
    const requestId = currentInvocation()?.invocationId;
    return requestId === undefined ? undefined : withoutAbsent({ requestId, trace: telemetry.here() });
  },
  log: (line) => currentInvocation()?.info(line),
  onEnd: (job, slots) => observeEnd(telemetry, job, slots),
};

const { apiKeys, trustsEntraHeader, operatorCaller } = config;
const operator = operatorCaller === undefined ? undefined : callerNamed(operatorCaller);
const registry = tableCallerRegistry(tables);
const keys = callerDirectory(settingKeys(apiKeys, operator), registry, clock);

const callerAccounts = tableCallerAccounts(tables);
const accounts = jobAccounts({
  accounts: callerAccounts,
  limitsOf: callerLimitsOf({ settings: config.callerLimits, settingNames: apiKeys.keys(), table: keys }),
  jobs: storedJobs,
  clock,
  offers: config.offers,
});
const jobs = accountedJobs(recordedJobs(observedJobs(storedJobs, observed), recorded), {
  close: (job) => accounts.close(job),
  warn: (jobId, error) =>
    currentInvocation()?.warn(`the account of job ${jobId} could not be closed: ${messageOf(error)}`),
});
const images = observedImages(
  recentImages(blobImageStore(blobs, makeLink, textCipher(config.signingKey, "revised prompt"))),
  telemetry,
);
const uploads = observedUploads(blobUploadStore(blobs, makeTicket), telemetry);
const deliveries = observedDeliveries(tableDeliveryStore(tables), telemetry);
const hooks = tableHookStore(tables);
const cancellations = tableCancellationNotices(tables);
const ids = randomJobIds(clock);
const signer = hmacResultSigner(config.signingKey, config.linkTtlHours, clock);
const service = tableServiceState(tables, clock);
const runner = heldRunner(durableJobRunner(config.offers), service);
const deliveryRunner = observedDeliveryRunner(durableDeliveryRunner, telemetry);
const idempotency = recordedIdempotency(
  observedIdempotency(tableIdempotencyStore(tables), observed),
  recorded,
);
const webhooks = observedWebhooks(
  signedWebhooks({
    secrets: new Map([...config.webhookSecrets].map(([name, secrets]) => [callerNamed(name), secrets])),
    allowlist: config.urlAllowlist,
    clock,
  }),
  telemetry,
);
const callbacks = observedCallbacks(plainCallbacks({ allowlist: config.urlAllowlist, clock }), telemetry);
const feeds = eventFeeds(jobs);
const quotaPools = tableQuotaPools(tables);
const quotas = new Map(
  config.offers.flatMap(({ deployment: { name, quota } }) => (quota ? [[name, quota] as const] : [])),
);
const connections = httpConnections();

const tokens = jwtAccessTokens(config.signingKey, clock);
const tokenUses = tableTokenUses(tables);

/** What every HTTP function passes. */
export const edge = {
  authenticator: apiKeyAuthenticator({ keys, tokens, trustsEntraHeader, operator }),
  isOutage,
  corsOrigins: config.corsOrigins,
};

/** What is configured, for all to see. */
export const published = {
  offers: [...config.offers, ...config.aliases],
  prices: config.prices,
  publicOrigin: config.publicOrigin,
  originOf: originReader(config.publicOrigin),
};

/** What the build left beside the bundle. */
export const built = {
  page: builtPageFiles(new URL("page/", import.meta.url)),
  build: builtInfo(new URL("build.json", import.meta.url)),
  definition: builtConnectorDefinition(new URL("connector.swagger.json", import.meta.url)),
  imageOrigin: config.linkOrigin ?? new URL(blobs.url).origin,
};

/** To find, show and list jobs. */
export const reading = {
  ...published,
  jobs,
  images,
  ids,
  signer,
  retentionDays: config.retentionDays,
  renditions: sharpRenditionMaker,
  cursors: hmacCursorSigner(config.signingKey),
  waits: jobWaits({ quotaPools, quotas, offers: config.offers, clock }),
};

/** To accept requests as jobs. */
export const accepting = {
  ...reading,
  accounts,
  queue: jobQueue({ clock, quotaPools, quotas, offers: config.offers }),
  clock,
  idempotency,
  cancellations,
  runner,
  tokenUses,
  service,
  webhooks,
  uploads,
  ticketStore: tableTicketStore(tables),
  imageProcessor: sharpImageProcessor,
  fetcher: checkedImageFetcher({ allowlist: config.urlAllowlist, maximumBytes: widestLimits.maximumBytes }),
  jobDeadlineSeconds: config.jobDeadlineSeconds,
  queueDeadlineSeconds: config.queueDeadlineSeconds,
  logPrompts: config.logPrompts,
};

/** To give tokens to what can't keep a key. */
export const issuing = { ...published, clock, tokens };

/** To look after callers and their jobs. */
export const operating = {
  ...accepting,
  audit: tableAuditLog(tables),
  allJobs: tableAllJobs(tables),
  registry,
  settingCallers: settingCallers(apiKeys, operator),
  hasSettingOperator: operator !== undefined,
  keyIdOf,
};

/** To open images to others. */
export const sharing = {
  ...reading,
  clock,
  shares: tableShareStore(tables),
  shareSigner: hmacShareSigner(config.signingKey),
};

/** To say what was used and spent. */
export const accounting = { clock, ids, accounts, usage: tableJobUsage(tables, storedJobs) };

/** To follow jobs while they run. */
export const watching = { feeds, connections };

/** To remove jobs, and what is past its time. */
export const removing = {
  clock,
  jobs,
  ids,
  runner,
  rows: tableJobRetention(tables),
  closeAccount: (job: JobRecord) => accounts.close(job),
  shelves: {
    images: blobContainerCleaner(blobs, "images"),
    uploads: blobContainerCleaner(blobs, "uploads"),
    results: [blobContainerCleaner(blobs, "edit-results"), blobContainerCleaner(blobs, "generate-results")],
    batches: blobContainerCleaner(blobs, "batches"),
  },
};
export const expiring = {
  ...removing,
  idempotency,
  tokenUses,
  callerAccounts,
  cancellations,
  retentionDays: config.retentionDays,
};

/** To send the end of a job to those who asked for it. */
export const delivering = {
  clock,
  jobs,
  ids,
  deliveries,
  hooks,
  webhooks,
  callbacks,
  deliveryRunner,
  publicOrigin: config.publicOrigin,
  // Callbacks are given by workflows alone.
  callbackBody: callbackBodyWith({ images }),
};

/** The inbox, from its files to the results beside them. */
export const inbox = {
  ...accepting,
  inbox: blobInboxListing(blobs, "edit-inbox"),
  inboxCaller: callerByKey(config.inboxCaller),
  results: blobResultStore(blobs, "edit-results"),
};

/** Batches, over HTTP and as files. */
export const batching = {
  ...accepting,
  keys,
  batches: blobBatchStore(blobs),
  inbox: blobInboxListing(blobs, "generate-inbox"),
  inboxCaller: callerByKey(config.inboxCaller),
  generated: blobResultStore(blobs, "generate-results"),
};

/** To call the image service and keep what it answers. */
export const upstream = {
  clock,
  jobs,
  images,
  isStorageFailure,
  offers: published.offers,
  uploads,
  imageProcessor: sharpImageProcessor,
  resizer: sharpImageResizer,
  thumbnails: sharpThumbnailMaker,
  sleep: (ms: number) => setTimeout(ms),
  warn: (line: string) => currentInvocation()?.warn(line),
  spool: tempAnswerSpool(),
  inputs: tempInputFiles(uploads),
  ends: cancellationWatcher({ jobs, notices: cancellations, clock }),
  callLimit: concurrencyLimit(clock, maxCallsPerDeployment(config.offers.length)),
  quotaPools,
  accounts,
  quotas,
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
};

/** For engines of workflows, beside what other callers get. */
export const connector = {
  ...accepting,
  ...removing,
  ...sharing,
  callbacks,
  hooks,
  hookIds: hmacHookIds(config.signingKey),
  callbackStore: tableCallbackStore(tables),
  connections,
  thumbnails: sharpThumbnailMaker,
};

/** For clients of other services' APIs, beside what other callers get. */
export const dialects = {
  ...accepting,
  ...removing,
  ...watching,
  responses: tableClientResponses(tables),
  pictureSigner: hmacResultSigner(config.signingKey, config.linkTtlHours, clock, "picture"),
};
