import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import * as z from "zod";
import { azureErrorReply, operation, submitBody, submitted } from "./azure/shapes.ts";
import {
  editForm,
  errorReply,
  generationBody,
  imagesReply,
  model,
  modelList,
  streamEvent,
  variationForm,
} from "./openai/shapes.ts";

/** OpenAPI 3.1 of each dialect, from the very schemas that check and answer. */

type Dialect = "openai" | "azure";

const json = (schema: z.ZodType) => ({ "application/json": { schema } });
const headers = {
  "x-darkroom-job": { description: "The job behind the answer.", schema: { type: "string" as const } },
  "x-darkroom-model": { description: "The model that it runs on.", schema: { type: "string" as const } },
};
const reasons: Record<string, string> = {
  "400": "The request breaks a rule, or content policy refused it.",
  "401": "No key, or a wrong one.",
  "403": "The image service refuses this whole account.",
  "404": "No such model, deployment or operation.",
  "410": "The job was canceled, or deleted.",
  "413": "The body is too large.",
  "415": "The content type or coding is not one that is read here.",
  "422": "The job failed; sending the same again orders another.",
  "504": "The job goes on: send the same again to wait for it; it is not billed again.",
};

function failing(schema: z.ZodType, ...statuses: string[]): ZodOpenApiResponsesObject {
  const content = json(schema);
  return {
    ...Object.fromEntries(
      statuses.map((status) => [status, { description: reasons[status] ?? "", content }]),
    ),
    default: { description: "Something failed here.", content },
  };
}

function imageOperation(
  summary: string,
  error: z.ZodType,
  requestBody: NonNullable<ZodOpenApiOperationObject["requestBody"]>,
): ZodOpenApiOperationObject {
  return {
    summary,
    requestBody,
    responses: {
      "200": {
        description: "The pictures; with `stream`, they come as they are made.",
        headers,
        content: { ...json(imagesReply), "text/event-stream": { schema: streamEvent } },
      },
      ...failing(error, "400", "401", "403", "404", "410", "413", "415", "422", "504"),
    },
  };
}

const form = (schema: z.ZodType) => ({ required: true, content: { "multipart/form-data": { schema } } });

function imagePaths(base: string, error: z.ZodType): ZodOpenApiPathsObject {
  const inPath = base.includes("{deployment}") && {
    requestParams: { path: z.object({ deployment: z.string() }) },
  };
  const generate = imageOperation("Generate images", error, {
    required: true,
    content: json(generationBody),
  });
  return {
    [`${base}/images/generations`]: { post: { ...generate, ...inPath } },
    [`${base}/images/edits`]: {
      post: { ...imageOperation("Edit images", error, form(editForm)), ...inPath },
    },
  };
}

function openAiPaths(base: string): ZodOpenApiPathsObject {
  const id = { requestParams: { path: z.object({ id: z.string() }) } };
  const vary = imageOperation("Vary an image, as an edit", errorReply, form(variationForm));
  const listed = (summary: string, schema: z.ZodType, ...statuses: string[]) => ({
    summary,
    responses: {
      "200": { description: "Models and deployments.", content: json(schema) },
      ...failing(errorReply, "401", ...statuses),
    },
  });
  return {
    ...imagePaths(base, errorReply),
    [`${base}/images/variations`]: { post: vary },
    [`${base}/models`]: { get: listed("List models", modelList) },
    [`${base}/models/{id}`]: { get: { ...listed("Read a model", model, "404"), ...id } },
  };
}

function operationPaths(base: string): ZodOpenApiPathsObject {
  const id = { requestParams: { path: z.object({ id: z.string() }) } };
  return {
    [`${base}/{id}`]: {
      get: {
        ...id,
        summary: "Poll an operation of DALL-E 2's protocol",
        responses: {
          "200": { description: "Where it stands.", content: json(operation) },
          ...failing(azureErrorReply, "401", "404"),
        },
      },
      delete: {
        ...id,
        summary: "Delete an operation, and its job",
        responses: { "204": { description: "Gone." }, ...failing(azureErrorReply, "401", "404") },
      },
    },
  };
}

const submitPath: ZodOpenApiPathsObject = {
  "/openai/images/generations:submit": {
    post: {
      summary: "Submit a generation by DALL-E 2's protocol",
      requestBody: { required: true, content: json(submitBody) },
      responses: {
        "202": {
          description: "Taken: poll operation-location.",
          headers: {
            ...headers,
            "operation-location": { description: "Absolute address.", schema: { type: "string" } },
            "retry-after": { description: "Seconds.", schema: { type: "integer" } },
          },
          content: json(submitted),
        },
        ...failing(azureErrorReply, "400", "401", "404", "410", "413", "415"),
      },
    },
  },
};

const described: Record<Dialect, { title: string; description: string; paths: ZodOpenApiPathsObject }> = {
  openai: {
    title: "Darkroom for OpenAI's clients",
    description:
      "OpenAI's image API over Darkroom's jobs, at /v1 and, for clients that name deployments, /openai/v1.",
    paths: { ...openAiPaths("/v1"), ...openAiPaths("/openai/v1") },
  },
  azure: {
    title: "Darkroom for Azure OpenAI's clients",
    description:
      "Azure OpenAI's image API over Darkroom's jobs. `api-version` is tolerated and changes nothing.",
    paths: {
      ...imagePaths("/openai/deployments/{deployment}", azureErrorReply),
      ...imagePaths("/openai", azureErrorReply),
      ...submitPath,
      ...operationPaths("/openai/operations/images"),
      ...operationPaths("/openai/dalle/operations/images"),
    },
  },
};

export function dialectDocument(dialect: Dialect) {
  const { title, description, paths } = described[dialect];
  return createDocument({
    openapi: "3.1.1",
    info: { title, version: "1", description },
    security: [{ apiKey: [] }, { bearer: [] }],
    components: {
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "api-key" },
        bearer: { type: "http", scheme: "bearer" },
      },
    },
    paths,
  });
}
