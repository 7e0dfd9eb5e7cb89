import { createDocument, type ZodOpenApiOperationObject } from "zod-openapi";
import * as z from "zod";
import { renditionParameters } from "../domain/rendition.ts";
import { deliveryPaths, webhookMessages } from "./deliveries.ts";
import { failedResult, health, job, modelList } from "./http-api.ts";
import { editPaths } from "./openapi-edits.ts";
import { deleteJob, listPaths } from "./openapi-lists.ts";
import { jobPaths } from "./openapi-jobs.ts";
import { operatorPaths } from "./openapi-operator.ts";
import { sharePaths } from "./shares.ts";
import { batchPaths } from "./batches.ts";
import { tokenPaths } from "./tokens.ts";
import { usagePaths } from "./usage.ts";
import { acceptingOrDry } from "./dry-run.ts";
import { credentials, failing, headers, jobId, json, signedQuery } from "./openapi-parts.ts";
import { withTags } from "./openapi-tags.ts";
import { generationBody } from "./requests.ts";

/** OpenAPI 3.1 of the HTTP surface, from the very schemas that check it. */

const open: Pick<ZodOpenApiOperationObject, "security"> = { security: [] };

export function openApiDocument() {
  const document = createDocument({
    openapi: "3.1.1",
    info: {
      title: "Darkroom",
      version: "1",
      description: "Azure OpenAI's image models as durable jobs whose results stay.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "Where this document was read." }],
    security: credentials,
    components: {
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "api-key" },
        bearer: { type: "http", scheme: "bearer" },
      },
    },
    webhooks: webhookMessages,
    paths: {
      "/api/images/generations": {
        post: {
          operationId: "createGeneration",
          summary: "Generate images",
          requestBody: { required: true, content: json(generationBody) },
          ...acceptingOrDry,
        },
      },
      ...editPaths,
      ...batchPaths,
      ...tokenPaths,
      ...usagePaths,
      ...operatorPaths,
      ...deliveryPaths,
      ...sharePaths,
      ...listPaths,
      ...jobPaths,
      "/api/jobs/{id}": {
        get: {
          operationId: "getJob",
          summary: "Read a job",
          requestParams: { path: z.object({ id: jobId }) },
          responses: { "200": { description: "The job.", content: json(job) }, ...failing("401", "404") },
        },
        delete: deleteJob,
      },
      "/api/jobs/{id}/result": {
        get: {
          operationId: "getJobResult",
          summary: "Poll for a job's end",
          security: [...credentials, {}],
          requestParams: {
            path: z.object({ id: jobId }),
            query: signedQuery,
          },
          responses: {
            "200": { description: "Succeeded.", content: json(job) },
            "202": { description: "Still running; poll Location again.", headers, content: json(job) },
            "410": { description: "Canceled.", content: json(failedResult) },
            "422": { description: "Failed.", content: json(failedResult) },
            ...failing("401", "404"),
          },
        },
      },
      "/api/jobs/{id}/images/{index}": {
        get: {
          operationId: "getJobImage",
          summary: "Go to an image",
          requestParams: {
            path: z.object({ id: jobId, index: z.int().min(0) }),
            query: z.object({
              thumbnail: z.enum(["256", "512"]).optional(),
              width: z
                .enum(renditionParameters.width)
                .optional()
                .meta({ description: "Pixels; the picture is made smaller, never larger." }),
              format: z.enum(renditionParameters.format).optional().meta({ description: "webp by default." }),
              quality: z.enum(renditionParameters.quality).optional().meta({ description: "80 by default." }),
              fit: z.enum(renditionParameters.fit).optional().meta({
                description:
                  "inside keeps the shape (default); cover fills a square, and cuts off what goes beyond.",
              }),
              download: z
                .enum(["1"])
                .optional()
                .meta({ description: "The bytes themselves, as a file, instead of the way to a link." }),
            }),
          },
          responses: {
            "200": {
              description:
                "The image, with `download=1`; a smaller one, with `width`, `format`, `quality` or `fit`.",
              headers: { ETag: { description: "Of a smaller one.", schema: { type: "string" } } },
              content: { "image/*": { schema: z.string().meta({ format: "binary" }) } },
            },
            "206": { description: "The part of a smaller one that `Range` names." },
            "302": {
              description: "A fresh link to the image.",
              headers: { Location: { description: "Link.", schema: { type: "string" } } },
            },
            "304": { description: "The cache has the smaller one already (`If-None-Match`)." },
            "416": { description: "There is no such part (`Range`)." },
            ...failing("400", "401", "404"),
          },
        },
      },
      "/api/models": {
        get: {
          operationId: "listModels",
          summary: "List models",
          responses: {
            "200": { description: "What can be asked for here.", content: json(modelList) },
            ...failing("401"),
          },
        },
      },
      "/api/health": {
        get: {
          operationId: "getHealth",
          summary: "Check health",
          ...open,
          responses: {
            "200": { description: "All well.", content: json(health) },
            "503": { description: "Storage can't be reached.", content: json(health) },
          },
        },
      },
      "/openapi.json": {
        get: {
          operationId: "getOpenApi",
          summary: "This document",
          ...open,
          responses: { "200": { description: "OpenAPI 3.1." } },
        },
      },
      "/connector.swagger.json": {
        get: {
          operationId: "getConnectorDefinition",
          summary: "The connector's definition",
          ...open,
          responses: {
            "200": { description: "OpenAPI 2.0." },
            "304": { description: "As it was when it was asked for under this ETag." },
          },
        },
        options: {
          operationId: "askForConnectorDefinition",
          summary: "What a browser asks before it reads the connector's definition for another site",
          ...open,
          responses: { "204": { description: "Any site may." } },
        },
      },
      "/": {
        get: {
          operationId: "getPage",
          summary: "The gallery page",
          ...open,
          responses: { "200": { description: "HTML." } },
        },
      },
      "/docs": {
        get: {
          operationId: "getReference",
          summary: "This document, to read",
          ...open,
          responses: { "200": { description: "HTML." }, ...failing("404") },
        },
      },
      "/assets/{name}": {
        get: {
          operationId: "getAsset",
          summary: "Script or style of the gallery page",
          ...open,
          requestParams: { path: z.object({ name: z.string() }) },
          responses: { "200": { description: "The file; its name changes with it." }, ...failing("404") },
        },
      },
    },
  });
  return withTags(document);
}
