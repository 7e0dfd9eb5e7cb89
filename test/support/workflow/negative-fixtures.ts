import { type Defect, damaged, put } from "../connector-defects.ts";
import { committed } from "../connector-package.ts";
import { Definition } from "./definition.ts";
import type { Answer } from "./judge.ts";

/** The committed definition with defects sown, one after the other. */
export function damagedDefinition(...defects: Defect[]): Definition {
  return new Definition(
    damaged(committed("apiDefinition.swagger.json"), (tree) => {
      for (const defect of defects) defect(tree);
    }),
  );
}

/** An answer as it comes over a socket: JSON, unless headers say otherwise. */
export function asJsonAnswer(status: number, json: unknown, headers: Record<string, string> = {}): Answer {
  const text = json === undefined ? "" : JSON.stringify(json);
  const usual: Record<string, string> = text === "" ? {} : { "content-type": "application/json" };
  return { status, json, bytes: text.length, headers: new Headers({ ...usual, ...headers }) };
}

/** Adds a webhook of no other operation's making: subscribed at `/hooks/sown`, ended at `/hooks/sown/{hookId}`. */
export const aHook = (): Defect => (tree) => {
  const text = { type: "string" };
  const callbackUrl = { ...text, "x-ms-notification-url": true, "x-ms-visibility": "internal" };
  const schema = {
    type: "object",
    properties: { callbackUrl, topic: text },
    required: ["callbackUrl", "topic"],
  };
  const outcome = {
    type: "object",
    properties: { jobId: text, status: text },
    required: ["jobId", "status"],
  };
  put(tree["paths"], {
    "/hooks/sown": {
      "x-ms-notification-content": { description: "What has come of it.", schema: outcome },
      post: {
        operationId: "WhenSown",
        "x-ms-trigger": "single",
        parameters: [{ name: "body", in: "body", required: true, schema }],
        responses: {
          "201": {
            description: "Subscribed.",
            headers: { Location: text },
          },
        },
      },
    },
    "/hooks/sown/{hookId}": {
      delete: {
        operationId: "DeleteSown",
        security: [],
        parameters: [{ name: "hookId", in: "path", required: true, ...text }],
        responses: { "204": { description: "Gone." } },
      },
    },
  });
};
