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

const listItem = { type: "object", properties: {} };
const items = { type: "object", properties: { value: { type: "array", items: listItem } } };

const sharepointonline: JsonObject = {
  info: { title: "SharePoint" },
  paths: {
    "/datasets/{dataset}/tables/{table}/onnewfileitems": {
      get: {
        operationId: "GetOnNewFileItems",
        summary: "When a file is created (properties only)",
        "x-ms-trigger": "batch",
        parameters: [path("dataset"), path("table"), query("folderPath", false)],
        responses: { "200": { description: "Files.", schema: items } },
      },
    },
    "/datasets/{dataset}/tables/{table}/items": {
      get: {
        operationId: "GetItems",
        summary: "Get items",
        parameters: [
          path("dataset"),
          path("table"),
          query("$filter", false),
          query("$orderby", false),
          query("$top", false, "integer"),
        ],
        responses: { "200": { description: "Rows.", schema: items } },
      },
    },
    "/datasets/{dataset}/tables/{table}/items/{id}": {
      patch: {
        operationId: "PatchItem",
        summary: "Update item",
        parameters: [
          path("dataset"),
          path("table"),
          { ...path("id"), "x-ms-url-encoding": "single" },
          { name: "item", in: "body", required: true, schema: listItem },
        ],
        responses: { "200": { description: "The row.", schema: listItem } },
      },
    },
    "/datasets/{dataset}/files/{id}/content": {
      get: {
        operationId: "GetFileContent",
        summary: "Get file content",
        parameters: [path("dataset"), path("id"), query("inferContentType", false, "boolean")],
        responses: { "200": { description: "The file.", schema: file } },
      },
    },
    "/datasets/{dataset}/files": {
      post: {
        operationId: "CreateFile",
        summary: "Create file",
        parameters: [
          path("dataset"),
          query("folderPath", true),
          query("name", true),
          query("queryParametersSingleEncoded", false, "boolean"),
          { name: "body", in: "body", required: true, schema: file },
        ],
        responses: { "200": { description: "The file's properties.", schema: listItem } },
      },
    },
  },
};

const once = (name: string) => ({ ...path(name), "x-ms-url-encoding": "single" });
const callback = { type: "string", "x-ms-notification-url": true };

const microsoftforms: JsonObject = {
  info: { title: "Microsoft Forms" },
  paths: {
    "/formapi/api/forms/{form_id}/webhooks": {
      "x-ms-notification-content": {
        schema: {
          type: "object",
          properties: { value: { type: "array", items: { type: "object", properties: {} } } },
        },
      },
      post: {
        operationId: "CreateFormWebhook",
        summary: "When a new response is submitted",
        "x-ms-trigger": "batch",
        parameters: [
          once("form_id"),
          {
            name: "subscription",
            in: "body",
            required: true,
            schema: {
              type: "object",
              required: ["notificationUrl"],
              properties: { eventType: text, notificationUrl: callback, source: text },
            },
          },
        ],
        responses: { "201": { description: "Subscribed." } },
      },
    },
    // In full `forms('{form_id}')`: a segment is a parameter or none.
    "/formapi/api/{form_id}/responses": {
      get: {
        operationId: "GetFormResponseById",
        summary: "Get response details",
        parameters: [once("form_id"), query("response_id", true, "integer")],
        responses: { "200": { description: "The answers, by question." } },
      },
    },
  },
};

const teams: JsonObject = {
  info: { title: "Microsoft Teams" },
  paths: {
    "/beta/teams/conversation/message/poster/{poster}/location/{location}": {
      post: {
        operationId: "PostMessageToConversation",
        summary: "Post message in a chat or channel",
        parameters: [
          once("poster"),
          once("location"),
          {
            name: "message",
            in: "body",
            required: true,
            schema: {
              type: "object",
              required: ["recipient", "messageBody"],
              properties: {
                recipient: { type: "object", properties: { groupId: text, channelId: text } },
                messageBody: text,
              },
            },
          },
        ],
        responses: { "200": { description: "Posted." } },
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
                Attachments: {
                  type: "array",
                  items: { type: "object", properties: { Name: text, ContentBytes: text } },
                },
              },
            },
          },
        ],
        responses: { "200": { description: "Sent." } },
      },
    },
    "/v2/Mail/OnNewEmail": {
      get: {
        operationId: "OnNewEmailV3",
        summary: "When a new email arrives",
        "x-ms-trigger": "batch",
        parameters: [
          query("folderPath", false),
          query("fetchOnlyWithAttachment", false, "boolean"),
          query("includeAttachments", false, "boolean"),
        ],
        responses: {
          "200": {
            description: "Mails.",
            schema: {
              type: "object",
              properties: {
                value: {
                  type: "array",
                  items: {
                    type: "object",
                    properties: {
                      ...typed("string", ["Id", "From", "To", "Subject", "Body"]),
                      Attachments: {
                        type: "array",
                        items: {
                          type: "object",
                          properties: typed("string", ["Id", "Name", "ContentType", "ContentBytes"]),
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
    "/approvalmail/$subscriptions": {
      "x-ms-notification-content": {
        schema: { type: "object", properties: { SelectedOption: text, UserEmailAddress: text } },
      },
      post: {
        operationId: "SendApprovalMail",
        summary: "Send approval email",
        parameters: [
          {
            name: "approvalEmailSubscription",
            in: "body",
            required: true,
            schema: {
              type: "object",
              properties: {
                NotificationUrl: callback,
                Message: {
                  type: "object",
                  required: ["To"],
                  properties: { To: text, Subject: text, Options: text, Body: text, Importance: text },
                },
              },
            },
          },
        ],
        responses: { "201": { description: "Sent." } },
      },
    },
  },
};

export const managedConnectors: Readonly<Record<string, JsonObject>> = {
  azureblob,
  microsoftforms,
  office365,
  sharepointonline,
  teams,
};
