import { callbackBodyWith } from "./connector/view.ts";
import { setTimeout } from "node:timers/promises";
import { concurrencyLimit, maxCallsPerDeployment } from "./activities/concurrency-limit.ts";
import { cancellationWatcher } from "./activities/cancellation-watcher.ts";
import { jobQueue } from "./jobs/job-queue.ts";
import { jobWaits } from "./jobs/job-waits.ts";
import { widestLimits } from "./edits/receive-input.ts";
import { openAiImageModels } from "./adapters/openai/image-models.ts";
import { accessTokenProvider } from "./adapters/azure/credential.ts";
import { builtConnectorDefinition } from "./adapters/node/connector-definition.ts";
import { hmacHookIds } from "./adapters/crypto/hook-ids.ts";
import { hmacCursorSigner } from "./adapters/crypto/cursor-signer.ts";
import { checkedImageFetcher } from "./adapters/net/image-fetcher.ts";
import { callerByKey, apiKeyAuthenticator } from "./adapters/crypto/api-key-authenticator.ts";
import { keyIdOf, settingCallers } from "./adapters/crypto/setting-keys.ts";
import { linkFetcher } from "./adapters/net/link-fetcher.ts";
import { builtInfo } from "./adapters/node/build-info.ts";
import { builtPageFiles } from "./adapters/node/page-files.ts";
import { hmacResultSigner } from "./adapters/crypto/result-signer.ts";
import { hmacShareSigner } from "./adapters/crypto/share-signer.ts";
import { tableCallbackStore } from "./adapters/storage/callback-store.ts";
import { blobContainerCleaner } from "./adapters/storage/blob-container-cleaner.ts";
import { sharpImageResizer } from "./adapters/storage/image-resizer.ts";
import { sharpRenditionMaker } from "./adapters/storage/rendition-maker.ts";
import { blobBatchStore } from "./adapters/storage/batch-store.ts";
import { blobResultStore } from "./adapters/storage/result-store.ts";
import { tableClientResponses } from "./adapters/storage/client-response-store.ts";
import { tempAnswerSpool } from "./adapters/storage/answer-spool.ts";
import { tempInputFiles } from "./adapters/storage/input-files.ts";
import { sharpImageProcessor } from "./adapters/storage/image-processor.ts";
import { tableJobRetention } from "./adapters/storage/job-removal.ts";
import { tableJobUsage } from "./adapters/storage/job-usage.ts";
import { blobInboxListing } from "./adapters/storage/inbox-listing.ts";
import { isOutage, isStorageFailure } from "./adapters/storage/outage.ts";
import { tableAllJobs } from "./adapters/storage/all-jobs.ts";
import { tableAuditLog } from "./adapters/storage/audit-log.ts";
import { tableShareStore } from "./adapters/storage/share-store.ts";
import { tableTicketStore } from "./adapters/storage/ticket-store.ts";
import { sharpThumbnailMaker } from "./adapters/storage/thumbnail-maker.ts";
import { currentInvocation } from "./adapters/telemetry/invocations.ts";
import { countedRefusals } from "./adapters/telemetry/observed-jobs.ts";
import { observedModels } from "./adapters/telemetry/observed-models.ts";
import { around } from "./domain/around.ts";
import type { JobRecord } from "./ports/records.ts";
import { originReader } from "./http/origin-of.ts";
import {
  config,
  clock,
  credential,
  telemetry,
  storedJobs,
  operator,
  registry,
  keys,
  callerAccounts,
  accounts,
  jobs,
  images,
  uploads,
  deliveries,
  hooks,
  cancellations,
  ids,
  signer,
  service,
  runner,
  deliveryRunner,
  idempotency,
  webhooks,
  callbacks,
  feeds,
  quotaPools,
  quotas,
  connections,
  tokens,
  tokenUses,
  blobs,
  tables,
  apiKeys,
  trustsEntraHeader,
} from "./composition/instances.ts";

/** Small bags of what is made once, by what they serve: nobody gets what it does not use. */

export { observed, telemetry } from "./composition/instances.ts";

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

const queue = jobQueue({ clock, quotaPools, quotas, offers: config.offers });

/** To accept requests as jobs. */
export const accepting = {
  ...reading,
  accounts: around(accounts, { enter: countedRefusals((job) => accounts.enter(job), telemetry) }),
  queue: around(queue, { join: countedRefusals((job) => queue.join(job), telemetry) }),
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
