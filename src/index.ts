import { app } from "@azure/functions";
import * as durable from "durable-functions";
import { beginJobWith } from "./activities/begin-job.ts";
import { collectOperationWith } from "./activities/collect-operation.ts";
import { failSlotsWith } from "./activities/fail-slots.ts";
import { finishJobWith } from "./activities/finish-job.ts";
import { makeThumbnailsWith } from "./activities/make-thumbnails.ts";
import { renderImagesWith } from "./activities/render-images.ts";
import { submitOperationWith } from "./activities/submit-operation.ts";
import { readConfig } from "./config.ts";
import { orchestrations, type Step, steps } from "./contracts/workflow.ts";
import { type Endpoint, toHttpHandler } from "./functions/endpoint.ts";
import { generationsPost } from "./functions/generations-post.ts";
import { healthGet } from "./functions/health-get.ts";
import { jobImageGet } from "./functions/job-image-get.ts";
import { jobResultGet } from "./functions/job-result-get.ts";
import { jobsGet } from "./functions/jobs-get.ts";
import { jobsReconcile, reconcileSchedule } from "./functions/jobs-reconcile.ts";
import { modelsGet } from "./functions/models-get.ts";
import { openapiGet } from "./functions/openapi-get.ts";
import { pageGet } from "./functions/page-get.ts";
import { openAiImageModels } from "./openai/image-models.ts";
import { imageJob } from "./orchestrations/image-job.ts";
import { imageLane } from "./orchestrations/image-lane.ts";
import { accessTokenProvider, lazyCredential } from "./platform/credential.ts";
import { durableJobRunner } from "./platform/durable-job-runner.ts";
import { randomJobIds } from "./platform/job-id-maker.ts";
import { keyDoor } from "./platform/key-door.ts";
import { hmacResultSigner } from "./platform/result-signer.ts";
import { systemClock } from "./platform/system-clock.ts";
import { blobImageStore } from "./storage/image-store.ts";
import { tableJobStore } from "./storage/job-store.ts";
import { linkMakers } from "./storage/links.ts";
import { storageClients } from "./storage/storage-clients.ts";
import { sharpThumbnailMaker } from "./storage/thumbnail-maker.ts";

/** Table of contents: settings, adapters, and one line for each thing that can be triggered. */

const config = readConfig();
const clock = systemClock;
const credential = lazyCredential();
const { blobs, tables } = storageClients(config.storage, () => credential);
const { makeLink } = linkMakers(blobs, config.linkTtlHours, clock);

const deps = {
  clock,
  offers: config.offers,
  jobDeadlineSeconds: config.jobDeadlineSeconds,
  logPrompts: config.logPrompts,
  jobs: tableJobStore(tables),
  images: blobImageStore(blobs, makeLink),
  models: openAiImageModels({
    offers: config.offers,
    clock,
    accessToken: accessTokenProvider(credential, config.tokenScope),
  }),
  thumbnails: sharpThumbnailMaker,
  ids: randomJobIds(clock),
  signer: hmacResultSigner(config.signingKey, config.linkTtlHours, clock),
  runner: durableJobRunner(config.offers),
};
const door = keyDoor(config);
const finishJob = finishJobWith(deps);
const makeThumbnails = makeThumbnailsWith(deps);
const durableClient = durable.input.durableClient();

app.setup({ enableHttpStream: true });

http(generationsPost(deps));
http(jobsGet(deps));
http(jobResultGet(deps));
http(jobImageGet({ ...deps, makeThumbnails }));
http(modelsGet(deps));
http(healthGet(deps));
http(openapiGet());
http(pageGet());

app.timer("jobs-reconcile", {
  schedule: reconcileSchedule,
  extraInputs: [durableClient],
  handler: jobsReconcile({ ...deps, finishJob }),
});

durable.app.orchestration(orchestrations.imageJob, imageJob);
durable.app.orchestration(orchestrations.imageLane, imageLane);

activity(steps.beginJob, beginJobWith(deps));
activity(steps.renderImages, renderImagesWith(deps));
activity(steps.submitOperation, submitOperationWith(deps));
activity(steps.collectOperation, collectOperationWith(deps));
activity(steps.failSlots, failSlotsWith(deps));
activity(steps.finishJob, finishJob);
activity(steps.makeThumbnails, makeThumbnails);

/** Anonymous to the host: the door in code is the only one, since OpenAI-style clients can't send a host key. */
function http(endpoint: Endpoint): void {
  app.http(endpoint.name, {
    methods: [endpoint.method],
    route: endpoint.route,
    authLevel: "anonymous",
    extraInputs: endpoint.runsJobs ? [durableClient] : [],
    handler: toHttpHandler(endpoint, door),
  });
}

function activity<I, O>(step: Step<I, O>, run: (input: I) => Promise<O>): void {
  durable.app.activity(step.name, { handler: (input: I) => run(input) });
}
