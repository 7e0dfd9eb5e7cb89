import type { JsonObject } from "../json.ts";

/**
 * What the samples use of Microsoft's own connectors, in the form of a definition: inputs and outputs as the reference of
 * each connector tells them. Anyone who uses more of them in a sample adds it here.
 */
const text = { type: "string" };
const query = (name: string, required: boolean, type = "string") => ({ name, in: "query", required, type });
const path = (name: string) => ({
  name,
  in: "path",
  required: true,
  type: "string",
  "x-ms-url-encoding": "double",
});

const typed = (type: string, names: string[]) => Object.fromEntries(names.map((name) => [name, { type }]));
const blob = {
  type: "object",
  properties: {
    ...typed("string", [
      "Id",
      "Name",
      "DisplayName",
      "Path",
      "LastModified",
      "MediaType",
      "ETag",
      "FileLocator",
    ]),
    ...typed("integer", ["Size"]),
    ...typed("boolean", ["IsFolder"]),
  },
};
const file = { type: "string", format: "binary" };

const azureblob: JsonObject = {
  info: { title: "Azure Blob Storage" },
  paths: {
    "/v2/datasets/{dataset}/triggers/batch/onupdatedfile": {
      get: {
        operationId: "OnUpdatedFiles_V2",
        summary: "When a blob is added or modified",
        "x-ms-trigger": "batch",
        parameters: [
          path("dataset"),
          query("folderId", true),
          query("maxFileCount", false, "integer"),
          query("checkBothCreatedAndModifiedDateTime", false, "boolean"),
        ],
        responses: { "200": { description: "Blobs.", schema: { type: "array", items: blob } } },
      },
    },
    "/v2/datasets/{dataset}/files/{id}/content": {
      get: {
        operationId: "GetFileContent_V2",
        summary: "Get blob content",
        parameters: [path("dataset"), path("id"), query("inferContentType", false, "boolean")],
        responses: { "200": { description: "The file.", schema: file } },
      },
    },
    "/v2/datasets/{dataset}/files": {
      post: {
        operationId: "CreateFile_V2",
        summary: "Create blob",
        parameters: [
          path("dataset"),
          query("folderPath", true),
          query("name", true),
          query("queryParametersSingleEncoded", false, "boolean"),
          { name: "ReadFileMetadataFromServer", in: "header", required: false, type: "boolean" },
          { name: "body", in: "body", required: true, schema: file },
        ],
        responses: { "200": { description: "The blob.", schema: blob } },
      },
    },
  },
};

const office365: JsonObject = {
  info: { title: "Office 365 Outlook" },
  paths: {
    "/v2/Mail": {
      post: {
        operationId: "SendEmailV2",
        summary: "Send an email",
        parameters: [
          {
            name: "emailMessage",
            in: "body",
            required: true,
            schema: {
              type: "object",
              required: ["To", "Subject", "Body"],
              properties: {
                To: text,
                Subject: text,
                Body: text,
                From: text,
                Cc: text,
                Bcc: text,
                ReplyTo: text,
                Importance: { type: "string", enum: ["Low", "Normal", "High"] },
              },
            },
          },
        ],
        responses: { "200": { description: "Sent." } },
      },
    },
  },
};

export const managedConnectors: Readonly<Record<string, JsonObject>> = { azureblob, office365 };
