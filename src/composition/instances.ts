import { readConfig } from "../config/config.ts";
import { accountedJobs, jobAccounts } from "../jobs/job-accounts.ts";
import { eventFeeds } from "../jobs/event-feed.ts";
import { lazyCredential, managedIdentity } from "../adapters/azure/credential.ts";
import { durableDeliveryRunner } from "../adapters/azure/durable-delivery-runner.ts";
import { httpConnections } from "../adapters/net/http-connections.ts";
import { plainCallbacks } from "../adapters/net/checked-post.ts";
import { durableJobRunner } from "../adapters/azure/durable-job-runner.ts";
import { randomJobIds } from "../adapters/crypto/job-id-maker.ts";
import { callerNamed } from "../adapters/crypto/api-key-authenticator.ts";
import { jwtAccessTokens } from "../adapters/crypto/access-tokens.ts";
import { callerLimitsOf } from "../adapters/crypto/caller-limits.ts";
import { callerDirectory } from "../adapters/crypto/caller-directory.ts";
import { settingKeys } from "../adapters/crypto/setting-keys.ts";
import { hmacResultSigner } from "../adapters/crypto/result-signer.ts";
import { signedWebhooks } from "../adapters/net/signed-webhooks.ts";
import { systemClock } from "../adapters/node/system-clock.ts";
import { tableHookStore } from "../adapters/storage/hook-store.ts";
import { tableDeliveryStore } from "../adapters/storage/delivery-store.ts";
import { tableCancellationNotices } from "../adapters/storage/cancellation-notices.ts";
import { recentImages } from "../adapters/storage/recent-images.ts";
import { blobImageStore } from "../adapters/storage/image-store.ts";
import { tableIdempotencyStore } from "../adapters/storage/idempotency-store.ts";
import { textCipher } from "../adapters/crypto/text-cipher.ts";
import { knownJobRows, tableJobStore } from "../adapters/storage/job-store.ts";
import { linkMakers } from "../adapters/storage/links.ts";
import { tableQuotaPools } from "../adapters/storage/quota-pool-store.ts";
import { storageClients } from "../adapters/storage/storage-clients.ts";
import { tableCallerAccounts } from "../adapters/storage/account-store.ts";
import { tableCallerRegistry } from "../adapters/storage/caller-registry.ts";
import { tableServiceState } from "../adapters/storage/service-state.ts";
import { tableTokenUses } from "../adapters/storage/token-use-store.ts";
import { blobUploadStore } from "../adapters/storage/upload-store.ts";
import { currentInvocation } from "../adapters/telemetry/invocations.ts";
import { knownJobs } from "../adapters/telemetry/known-jobs.ts";
import { observedIdempotency, observedJobs, observeEnd } from "../adapters/telemetry/observed-jobs.ts";
import {
  observedCallbacks,
  observedDeliveries,
  observedDeliveryRunner,
  observedImages,
  observedUploads,
  observedWebhooks,
} from "../adapters/telemetry/observed-stores.ts";
import { lateTelemetry } from "../adapters/telemetry/telemetry.ts";
import { recordedIdempotency, recordedJobs, type RecordedJobsDeps } from "../jobs/recorded-jobs.ts";
import { messageOf } from "../domain/message-of.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { heldRunner } from "../jobs/held-runner.ts";

/** Config → adapters → ports, decorated by telemetry where it listens. Made once; `composition.ts` hands them out. */

export const config = readConfig();
export const clock = systemClock;
export const credential = lazyCredential();
export const { blobs, tables } = storageClients(config.storage, () => credential);
const { makeLink, makeTicket } = linkMakers(blobs, config.linkTtlHours, clock, config.linkOrigin);
const listening = config.telemetry;
export const telemetry = lateTelemetry(
  listening &&
    (async () => (await import("../adapters/telemetry/start.ts")).startTelemetry(listening, managedIdentity)),
);

const knownRows = knownJobRows();
export const storedJobs = tableJobStore(tables, knownRows);
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

export const { apiKeys, trustsEntraHeader, operatorCaller } = config;
export const operator = operatorCaller === undefined ? undefined : callerNamed(operatorCaller);
export const registry = tableCallerRegistry(tables);
export const keys = callerDirectory(settingKeys(apiKeys, operator), registry, clock);

export const callerAccounts = tableCallerAccounts(tables);
export const accounts = jobAccounts({
  accounts: callerAccounts,
  limitsOf: callerLimitsOf({ settings: config.callerLimits, settingNames: apiKeys.keys(), table: keys }),
  jobs: storedJobs,
  clock,
  offers: config.offers,
});
export const jobs = accountedJobs(recordedJobs(observedJobs(storedJobs, observed), recorded), {
  close: (job) => accounts.close(job),
  warn: (jobId, error) =>
    currentInvocation()?.warn(`the account of job ${jobId} could not be closed: ${messageOf(error)}`),
});
export const images = observedImages(
  recentImages(blobImageStore(blobs, makeLink, textCipher(config.signingKey, "revised prompt"))),
  telemetry,
);
export const uploads = observedUploads(blobUploadStore(blobs, makeTicket), telemetry);
export const deliveries = observedDeliveries(tableDeliveryStore(tables), telemetry);
export const hooks = tableHookStore(tables);
export const cancellations = tableCancellationNotices(tables);
export const ids = randomJobIds(clock);
export const signer = hmacResultSigner(config.signingKey, config.linkTtlHours, clock);
export const service = tableServiceState(tables, clock);
export const runner = heldRunner(durableJobRunner(config.offers), service);
export const deliveryRunner = observedDeliveryRunner(durableDeliveryRunner, telemetry);
export const idempotency = recordedIdempotency(
  observedIdempotency(tableIdempotencyStore(tables, knownRows), observed),
  recorded,
);
export const webhooks = observedWebhooks(
  signedWebhooks({
    secrets: new Map([...config.webhookSecrets].map(([name, secrets]) => [callerNamed(name), secrets])),
    allowlist: config.urlAllowlist,
    clock,
  }),
  telemetry,
);
export const callbacks = observedCallbacks(
  plainCallbacks({ allowlist: config.urlAllowlist, clock }),
  telemetry,
);
export const feeds = eventFeeds(jobs);
export const quotaPools = tableQuotaPools(tables);
export const quotas = new Map(
  config.offers.flatMap(({ deployment: { name, quota } }) => (quota ? [[name, quota] as const] : [])),
);
export const connections = httpConnections();

export const tokens = jwtAccessTokens(config.signingKey, clock);
export const tokenUses = tableTokenUses(tables);
