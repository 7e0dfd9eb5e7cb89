import { describe } from "vitest";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { checkHooks } from "../../../scripts/connector/check/hooks.ts";
import { checkHouseRules } from "../../../scripts/connector/check/house-rules.ts";
import { checkParsers } from "../../../scripts/connector/check/parsers.ts";
import { checkDefinitionShape } from "../../../scripts/connector/check/shapes.ts";
import * as sow from "../../support/connector-defects.ts";

/** What a callback needs stands in four places, of which other connectors forget one or another. */

const content = (d: sow.Tree) => d["paths"]!["/hooks/images"]!["x-ms-notification-content"]!;
const callback = (d: sow.Tree) => sow.field(d, "WhenImageIsReadyRequest", "callbackUrl");
const exit = "/hooks/images/{hookId}";

describe("caught where a callback is asked for", () => {
  sow.catches("house", checkHouseRules, [
    ["hook", "no Location to unsubscribe by", (d) => sow.drop(sow.hook(d)["responses"]!["201"], "headers")],
    [
      "hook",
      "an answer of 200, which designers don't look at",
      (d) => sow.move(sow.hook(d)["responses"], "201", "200"),
    ],
    [
      "hook",
      "a read on the same path, which is then taken for a hook",
      (d) => sow.put(d["paths"]!["/hooks/images"], { get: sow.jobs(d) }),
    ],
    ["hook", "a removal on the same path", (d) => sow.move(d["paths"]!["/hooks/images"], "post", "delete")],
    [
      "hook",
      "a subscription by PUT, which designers never send",
      (d) => sow.move(d["paths"]!["/hooks/images"], "post", "put"),
    ],
    [
      "hook",
      "a change by PATCH beside it",
      (d) => sow.put(d["paths"]!["/hooks/images"], { patch: sow.hook(d) }),
    ],
    ["hook", "content of no known shape", (d) => sow.drop(content(d), "schema")],
    ["hook-url", "an address that users are asked for", (d) => sow.drop(callback(d), "x-ms-visibility")],
    [
      "hook-url",
      "an address under more options",
      (d) => sow.put(callback(d), { "x-ms-visibility": "advanced" }),
    ],
    [
      "body-visible",
      "a body that is hidden whole, and its address with it",
      (d) => sow.put(sow.named(d, "WhenImageIsReadyRequest"), { "x-ms-visibility": "internal" }),
    ],
    [
      "body-visible",
      "the same of an action",
      (d) => sow.put(sow.named(d, "EditImageAndWaitRequest"), { "x-ms-visibility": "internal" }),
    ],
  ]);

  sow.catches("hooks", checkHooks, [
    ["callback", "no field for the address", (d) => sow.drop(callback(d), "x-ms-notification-url")],
    [
      "callback",
      "two fields for it",
      (d) =>
        sow.put(sow.named(d, "GenerateImageAndWaitRequest")["properties"], {
          other: { type: "string", "x-ms-notification-url": true },
        }),
    ],
    [
      "callback-required",
      "an address that may be left out",
      (d) => sow.put(sow.named(d, "EditImageAndWaitRequest"), { required: ["prompt", "images"] }),
    ],
    ["kind", "a hook that says it is polled", (d) => sow.put(sow.hook(d), { "x-ms-trigger": "batch" })],
    [
      "content",
      "content that says only that it is an object",
      (d) => sow.drop(sow.named(d, "ImageOutcome"), "properties"),
    ],
    [
      "content-missing",
      "an action whose path tells nothing",
      (d) => sow.drop(d["paths"]!["/images/generations/callback"], "x-ms-notification-content"),
    ],
    [
      "content-missing",
      "a poll that says it is called",
      (d) => sow.put(sow.trigger(d), { "x-ms-trigger": "single" }),
    ],
  ]);

  sow.catches("dialect", checkDialect, [
    [
      "trigger-summary",
      "a hook named like an action",
      (d) => sow.put(sow.hook(d), { summary: "Subscribe to images" }),
    ],
    [
      "field-text",
      "content whose fields have no words",
      (d) => sow.put(content(d), { schema: { type: "object", properties: { id: { type: "string" } } } }),
    ],
  ]);

  sow.catches("definition-schema", checkDefinitionShape, [
    ["const", "an address that may be one", (d) => sow.put(callback(d), { "x-ms-notification-url": "yes" })],
    ["required", "content without a schema", (d) => sow.drop(content(d), "schema")],
    [
      "additionalProperties",
      "content within the operation, where it is not read",
      (d) => sow.put(sow.hook(d), { "x-ms-notification-content": content(d) }),
    ],
  ]);
});

describe("caught where a callback is forgotten", () => {
  sow.catches("hooks", checkHooks, [
    ["exit", "a path that isn't declared, so no gateway knows it", (d) => sow.drop(d["paths"], exit)],
    ["exit", "a path that names nothing", (d) => sow.move(d["paths"], exit, "/hooks/images/one")],
    ["exit", "a key that is asked for and not sent", (d) => sow.drop(sow.exit(d), "security")],
    ["exit", "an action that users see", (d) => sow.drop(sow.exit(d), "x-ms-visibility")],
    ["exit", "an answer other than 204", (d) => sow.move(sow.exit(d)["responses"], "204", "200")],
    [
      "exit",
      "something else to send along",
      (d) => sow.listIn(sow.exit(d), "parameters").push({ name: "body", in: "body", schema: {} }),
    ],
    ["keyless", "a list that anybody may read", (d) => sow.put(sow.jobs(d), { security: [] })],
    [
      "keyless",
      "a job that anybody may delete, in sight of all",
      (d) => sow.put(sow.at(d, "/jobs/{jobId}", "delete"), { security: [] }),
    ],
  ]);

  sow.catches("", checkParsers, [
    ["swagger-parser", "a hook's id that isn't declared", (d) => sow.put(sow.exit(d), { parameters: [] })],
  ]);
});
