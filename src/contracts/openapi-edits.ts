import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { upload, uploadTickets } from "./http-api.ts";
import { acceptingOrDry } from "./dry-run.ts";
import { failing, json, keyed, replayedHeader } from "./openapi-parts.ts";
import { editForm, editRequest, uploadRequest } from "./requests.ts";

/** Edits, and the uploads they may start from. */
export const editPaths = {
  "/api/images/edits": {
    post: {
      operationId: "createEdit",
      summary: "Edit images",
      requestBody: {
        required: true,
        content: {
          "multipart/form-data": { schema: editForm },
          ...json(editRequest),
        },
      },
      ...acceptingOrDry,
      responses: { ...acceptingOrDry.responses, ...failing("409") },
    },
  },
  "/api/uploads": {
    post: {
      operationId: "createUploads",
      summary: "Get links for direct uploads",
      requestParams: keyed,
      requestBody: { required: true, content: json(uploadRequest) },
      responses: {
        "201": {
          description: "A link for each file; and the edit's job, when on_complete was given.",
          headers: replayedHeader,
          content: json(uploadTickets),
        },
        ...failing("400", "401", "410", "413", "415", "422", "429"),
      },
    },
  },
  "/api/uploads/{id}": {
    get: {
      operationId: "getUpload",
      summary: "Ask whether an upload has arrived",
      description:
        "A link takes its file once. Where storage refuses the second try of an upload, the first may have arrived.",
      requestParams: { path: z.object({ id: z.string().meta({ description: "upload_id of the ticket." }) }) },
      responses: {
        "200": { description: "It is there.", content: json(upload) },
        ...failing("401", "404"),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
