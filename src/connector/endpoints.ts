import type { Endpoint } from "../http/endpoint.ts";
import { editImage, generateImage, submitImageJob } from "./actions.ts";
import { getModelParameters, listDeployments, listModels, testConnection } from "./choices.ts";
import { deleteImageHook, whenImageIsReady } from "./hooks.ts";
import { convertImage, createImageLink, getImageContent } from "./images.ts";
import { cancelImageJob, deleteImageJob, getImageJob, getImageJobResult, listImageJobs } from "./jobs.ts";
import { shareImage, stopSharingImage } from "./shares.ts";
import { invokeMcp } from "./mcp/endpoint.ts";
import { whenImagesAreCreated } from "./trigger.ts";
import { editImageAndWait, generateImageAndWait } from "./waiting-actions.ts";

type Dependencies = Parameters<typeof generateImage>[0] &
  Parameters<typeof getImageJobResult>[0] &
  Parameters<typeof convertImage>[0] &
  Parameters<typeof shareImage>[0] &
  Parameters<typeof cancelImageJob>[0] &
  Parameters<typeof deleteImageJob>[0] &
  Parameters<typeof whenImagesAreCreated>[0] &
  Parameters<typeof generateImageAndWait>[0] &
  Parameters<typeof whenImageIsReady>[0] &
  Parameters<typeof deleteImageHook>[0] &
  Parameters<typeof invokeMcp>[0];

/** Table of contents of the connector: its operations, by the names that the definition has for them, in camelCase. */
export const connectorEndpoints = (deps: Dependencies) =>
  ({
    generateImage: generateImage(deps),
    editImage: editImage(deps),
    generateImageAndWait: generateImageAndWait(deps),
    editImageAndWait: editImageAndWait(deps),
    submitImageJob: submitImageJob(deps),
    getImageJob: getImageJob(deps),
    getImageJobResult: getImageJobResult(deps),
    listImageJobs: listImageJobs(deps),
    cancelImageJob: cancelImageJob(deps),
    deleteImageJob: deleteImageJob(deps),
    getImageContent: getImageContent(deps),
    convertImage: convertImage(deps),
    createImageLink: createImageLink(deps),
    shareImage: shareImage(deps),
    stopSharingImage: stopSharingImage(deps),
    whenImageIsReady: whenImageIsReady(deps),
    deleteImageHook: deleteImageHook(deps),
    whenImagesAreCreated: whenImagesAreCreated(deps),
    listModels: listModels(deps),
    listDeployments: listDeployments(deps),
    getModelParameters: getModelParameters(deps),
    testConnection: testConnection(),
    invokeMcp: invokeMcp(deps),
  }) satisfies Record<string, Endpoint>;
