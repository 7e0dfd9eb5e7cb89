import { makeThumbnailsWith } from "../../src/activities/make-thumbnails.ts";
import { type Deployment, resolveDeployments } from "../../src/domain/deployment.ts";
import { knownModels } from "../../src/domain/model-catalogue.ts";
import { connectorEndpoints } from "../../src/connector/endpoints.ts";
import { deliveriesGet } from "../../src/functions/deliveries-get.ts";
import { deliveryRedeliver } from "../../src/functions/delivery-redeliver.ts";
import { assetsGet } from "../../src/functions/assets-get.ts";
import { docsGet } from "../../src/functions/docs-get.ts";
import { editsPost } from "../../src/functions/edits-post.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { eventFeeds } from "../../src/jobs/event-feed.ts";
import type { JobWaits } from "../../src/jobs/job-waits.ts";
import { generationsPost } from "../../src/functions/generations-post.ts";
import { healthGet } from "../../src/functions/health-get.ts";
import { jobCancelPost } from "../../src/functions/job-cancel-post.ts";
import { jobEventsGet } from "../../src/functions/job-events-get.ts";
import { jobImageGet } from "../../src/functions/job-image-get.ts";
import { jobResultGet } from "../../src/functions/job-result-get.ts";
import {
  operatorAuditList,
  operatorCallersList,
  operatorCallersPut,
  operatorKeysDelete,
  operatorKeysPost,
  operatorLimitsPut,
} from "../../src/functions/operator-callers.ts";
import {
  operatorJobCancel,
  operatorJobRetry,
  operatorJobsGet,
  operatorJobsList,
} from "../../src/functions/operator-jobs.ts";
import { operatorServiceGet, operatorServicePut } from "../../src/functions/operator-service.ts";
import { jobRetryPost } from "../../src/functions/job-retry-post.ts";
import { jobShareDelete, jobSharesList, jobSharesPost } from "../../src/functions/job-shares.ts";
import { sharedImageGet } from "../../src/functions/shared-image-get.ts";
import { jobsDelete } from "../../src/functions/jobs-delete.ts";
import { jobsGet } from "../../src/functions/jobs-get.ts";
import { jobsList } from "../../src/functions/jobs-list.ts";
import { modelsGet } from "../../src/functions/models-get.ts";
import { connectorSwaggerGet, connectorSwaggerOptions } from "../../src/connector/swagger-get.ts";
import { openapiGet } from "../../src/functions/openapi-get.ts";
import { pageGet } from "../../src/functions/page-get.ts";
import { tokensPost } from "../../src/functions/tokens-post.ts";
import { operatorUsageGet, usageGet } from "../../src/functions/usage-get.ts";
import { uploadsGet } from "../../src/functions/uploads-get.ts";
import { uploadsPost } from "../../src/functions/uploads-post.ts";
import { builtConnectorDefinition } from "../../src/adapters/node/connector-definition.ts";
import { sharpRenditionMaker } from "../../src/adapters/storage/rendition-maker.ts";
import { hmacCursorSigner } from "../../src/adapters/crypto/cursor-signer.ts";
import { jwtAccessTokens } from "../../src/adapters/crypto/access-tokens.ts";
import { keyIdOf } from "../../src/adapters/crypto/setting-keys.ts";
import { hmacHookIds } from "../../src/adapters/crypto/hook-ids.ts";
import { randomJobIds } from "../../src/adapters/crypto/job-id-maker.ts";
import { hmacShareSigner } from "../../src/adapters/crypto/share-signer.ts";
import { hmacResultSigner } from "../../src/adapters/crypto/result-signer.ts";
import type { JobRecord, SlotRecord } from "../../src/ports/records.ts";
import { MemoryAuditLog, MemoryCallerRegistry, memoryAllJobs, MemoryServiceState } from "./caller-fakes.ts";
import { attentive } from "./fakes.ts";
import {
  FakeImageFetcher,
  FakeImageProcessor,
  MemoryResultStore,
  MemoryTicketStore,
  MemoryUploadStore,
} from "./edit-fakes.ts";
import {
  type Diary,
  FakeClock,
  FakeJobRunner,
  FakeThumbnailMaker,
  MemoryCallerAccounts,
  MemoryCancellationNotices,
  memoryJobUsage,
  MemoryIdempotencyStore,
  MemoryImageStore,
  MemoryJobStore,
  noQueue,
  noWaits,
  MemoryPageFiles,
  MemoryTokenUses,
} from "./fakes.ts";
import { type Answer, type Sent, send } from "./http.ts";
import { aJob } from "./jobs.ts";
import {
  FakeCallbacks,
  FakeDeliveryRunner,
  FakeWebhooks,
  MemoryCallbackStore,
  MemoryDeliveryStore,
  MemoryHookStore,
} from "./webhook-fakes.ts";
import { MemoryShareStore } from "./share-fakes.ts";
import { MemoryJobRetention, memoryContainerCleaner } from "./retention-fakes.ts";
import type { CallerLimits } from "../../src/domain/quota/account.ts";
import type { Price } from "../../src/domain/quota/prices.ts";
import { jobAccounts } from "../../src/jobs/job-accounts.ts";
import { originReader } from "../../src/http/origin-of.ts";
import { batchCancelPost } from "../../src/functions/batch-cancel-post.ts";
import { advanceWith } from "../../src/functions/batches-advance.ts";
import { batchesDelete } from "../../src/functions/batches-delete.ts";
import { batchesGet } from "../../src/functions/batches-get.ts";
import { batchesList } from "../../src/functions/batches-list.ts";
import { batchesPost } from "../../src/functions/batches-post.ts";
import { MemoryBatchStore } from "./batch-fakes.ts";

export const caller = "key:phone";

export const deployments: Deployment[] = [
  { name: "dalle3", model: "dall-e-3", kind: "azure" },
  { name: "dalle2", model: "dall-e-2", kind: "azure" },
  { name: "image", model: "gpt-image-1", kind: "azure" },
  { name: "image2", model: "gpt-image-2", kind: "azure" },
];

interface AppSettings {
  clock?: FakeClock;
  logPrompts?: boolean;
  offered?: Deployment[];
  publicOrigin?: string;
  waits?: JobWaits;
  prices?: readonly Price[];
  /** Of every caller. */
  limits?: CallerLimits;
}

/** The app's HTTP surface on ports in memory. Keep the endpoints level with index.ts: a contract test compares them. */
export function anApp({
  clock = new FakeClock(),
  logPrompts = false,
  offered = deployments,
  publicOrigin,
  waits = noWaits,
  prices = [],
  limits,
}: AppSettings = {}) {
  const diary: Diary = [];
  const jobs = new MemoryJobStore(diary);
  const images = new MemoryImageStore(diary, clock);
  const runner = new FakeJobRunner(diary);
  const thumbnails = new FakeThumbnailMaker();
  const deliveryRunner = new FakeDeliveryRunner();
  const uploads = new MemoryUploadStore(clock);
  const offers = resolveDeployments(offered, knownModels);
  const accounts = jobAccounts({
    ...{ accounts: new MemoryCallerAccounts(), jobs, clock, offers },
    limitsOf: async () => limits,
  });
  const deps = {
    clock,
    jobs,
    idempotency: new MemoryIdempotencyStore(jobs),
    cancellations: new MemoryCancellationNotices(),
    images,
    retentionDays: 30,
    renditions: sharpRenditionMaker,
    thumbnails,
    uploads,
    ticketStore: new MemoryTicketStore(),
    rows: new MemoryJobRetention(jobs),
    closeAccount: async () => {},
    shelves: {
      images: memoryContainerCleaner(images.blobs),
      uploads: memoryContainerCleaner(uploads.blobs, "uploads/"),
    },
    imageProcessor: new FakeImageProcessor(),
    fetcher: new FakeImageFetcher(),
    offers,
    jobDeadlineSeconds: 1_800,
    queueDeadlineSeconds: 1_800,
    prices,
    waits,
    accounts: { ...accounts },
    usage: memoryJobUsage(jobs),
    queue: { ...noQueue },
    logPrompts,
    ids: randomJobIds(clock),
    signer: hmacResultSigner("a signing key of more than 32 characters", 24, clock),
    cursors: hmacCursorSigner("a signing key of more than 32 characters"),
    runner: () => runner,
    deliveries: new MemoryDeliveryStore(),
    shares: new MemoryShareStore(),
    shareSigner: hmacShareSigner("a signing key of more than 32 characters"),
    webhooks: new FakeWebhooks(),
    tokens: jwtAccessTokens("a signing key of more than 32 characters", clock),
    tokenUses: new MemoryTokenUses(),
    service: new MemoryServiceState(),
    audit: new MemoryAuditLog(),
    registry: new MemoryCallerRegistry(),
    allJobs: memoryAllJobs(jobs),
    settingCallers: [
      { name: "phone", keyId: "0123456789abcdef", scopes: ["generate", "edit", "read"] as const },
    ],
    hasSettingOperator: false,
    keyIdOf,
    deliveryRunner: () => deliveryRunner,
    hooks: new MemoryHookStore(),
    hookIds: hmacHookIds("a signing key of more than 32 characters"),
    callbackStore: new MemoryCallbackStore(jobs),
    callbacks: new FakeCallbacks(),
    build: async () => ({ version: "1.2.3", build: "abc" }),
    page: new MemoryPageFiles({
      "index.html": "<!doctype html>",
      "reference.html": "<!doctype html>",
      "page.js": "1;",
    }),
    definition: builtConnectorDefinition(
      new URL("../../connector/apiDefinition.swagger.json", import.meta.url),
    ),
    publicOrigin,
    originOf: originReader(publicOrigin),
    imageOrigin: "https://pictures.example",
    connections: attentive,
    batches: new MemoryBatchStore(),
    generated: new MemoryResultStore(),
    keys: { findById: async (keyId: string) => ({ caller, keyId, scopes: ["generate" as const] }) },
  };
  const notifyCompletion = async () => diary.push("notify");
  const batching = { ...deps, advance: advanceWith({ ...deps, notifyCompletion }) };
  const endpoints = {
    generationsPost: generationsPost(deps),
    editsPost: editsPost(deps),
    batchesPost: batchesPost(batching),
    batchesList: batchesList(batching),
    batchesGet: batchesGet(batching),
    batchesDelete: batchesDelete(batching),
    batchCancelPost: batchCancelPost(batching),
    uploadsGet: uploadsGet(deps),
    uploadsPost: uploadsPost(deps),
    tokensPost: tokensPost(deps),
    usageGet: usageGet(deps),
    operatorUsageGet: operatorUsageGet(deps),
    jobsList: jobsList(deps),
    jobsGet: jobsGet(deps),
    jobsDelete: jobsDelete(deps),
    jobResultGet: jobResultGet(deps),
    jobEventsGet: jobEventsGet({ ...deps, feeds: eventFeeds(jobs, 10), connections: attentive }),
    jobCancelPost: jobCancelPost({ ...deps, notifyCompletion }),
    jobRetryPost: jobRetryPost(deps),
    jobImageGet: jobImageGet({ ...deps, makeThumbnails: makeThumbnailsWith(deps) }),
    jobSharesPost: jobSharesPost(deps),
    jobSharesList: jobSharesList(deps),
    jobShareDelete: jobShareDelete(deps),
    sharedImageGet: sharedImageGet(deps),
    deliveriesGet: deliveriesGet(deps),
    deliveryRedeliver: deliveryRedeliver(deps),
    operatorJobsList: operatorJobsList(deps),
    operatorJobsGet: operatorJobsGet(deps),
    operatorJobCancel: operatorJobCancel({ ...deps, notifyCompletion }),
    operatorJobRetry: operatorJobRetry(deps),
    operatorCallersList: operatorCallersList(deps),
    operatorCallersPut: operatorCallersPut(deps),
    operatorKeysPost: operatorKeysPost(deps),
    operatorLimitsPut: operatorLimitsPut(deps),
    operatorKeysDelete: operatorKeysDelete(deps),
    operatorServiceGet: operatorServiceGet(deps),
    operatorServicePut: operatorServicePut(deps),
    operatorAuditList: operatorAuditList(deps),
    modelsGet: modelsGet(deps),
    healthGet: healthGet(deps),
    openapiGet: openapiGet(deps),
    connectorSwaggerGet: connectorSwaggerGet(deps),
    connectorSwaggerOptions: connectorSwaggerOptions(),
    pageGet: pageGet(deps),
    assetsGet: assetsGet(deps),
    docsGet: docsGet(deps),
  } satisfies Record<string, Endpoint>;
  const connector = connectorEndpoints({
    ...deps,
    notifyCompletion: async ({ late }) => diary.push(late === undefined ? "notify" : `notify ${late}`),
  });

  /** As a caller with credentials, unless the headers say otherwise. */
  async function ask(name: keyof typeof endpoints | keyof typeof connector, sent: Sent): Promise<Answer> {
    return send({ ...endpoints, ...connector }[name], {
      ...sent,
      headers: { "x-caller": caller, ...sent.headers },
    });
  }

  return { ...batching, diary, runner, deliveryRunner, endpoints, connector, ask };
}
export type App = ReturnType<typeof anApp>;

/** A job as the store holds it, with its slots. */
export async function keep(
  app: App,
  change: Partial<JobRecord>,
  slots: SlotRecord[] = [],
): Promise<JobRecord> {
  const job = aJob(change);
  await app.jobs.create(job);
  app.jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, slots);
  return job;
}
