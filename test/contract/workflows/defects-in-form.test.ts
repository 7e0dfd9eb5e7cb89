import { describe } from "vitest";
import { drop, put, type Tree } from "../../support/connector-defects.ts";
import {
  action,
  catchesInSamples,
  inputs,
  makes,
  set,
  trigger,
  waits,
} from "../../support/workflow-defects.ts";

/** Slips that workflows really have, sown one at a time into the samples: each is caught, by the rule that is there for it. */

describe("caught in a workflow's form", () => {
  catchesInSamples([
    [
      "workflow-schema:additionalProperties",
      "a word at the wrong place",
      "mail-a-picture",
      (w) => set(inputs(w, makes), "retrypolicy", {}),
    ],
    [
      "workflow-schema:required",
      "an action that says nothing of what it waits for",
      "mail-a-picture",
      (w) => drop(action(w, makes), "runAfter"),
    ],
    [
      "workflow-schema:enum",
      "a status that there is not",
      "mail-a-picture",
      (w) => set(action(w, "Mail_the_link")["runAfter"]!, "Make_a_link_for_a_week", ["Success"]),
    ],
    [
      "workflow-schema:enum",
      "a frequency that there is not",
      "edit-a-new-file",
      (w) => set(trigger(w)["recurrence"]!, "frequency", "Minutes"),
    ],
    [
      "workflow-schema:propertyNames",
      "a name that URLs can't hold",
      "catch-a-refusal",
      (w) => set(w["actions"]!, "a/b", action(w, "Try")),
    ],
    [
      "workflow-schema:oneOf",
      "a retry policy without a wait",
      "mail-a-picture",
      (w) => drop(inputs(w, makes)["retryPolicy"], "interval"),
    ],
    [
      "workflow-schema:maximum",
      "more tries than there may be",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["retryPolicy"]!, "count", 91),
    ],
    [
      "workflow-schema:required",
      "no place for connections",
      "mail-a-picture",
      (w) => drop(w["parameters"], "$connections"),
    ],
    [
      "form:action-type",
      "a type that there is not",
      "catch-a-refusal",
      (w) => set(action(w, "Catch", "Error_code"), "type", "Composer"),
    ],
    [
      "form:name-twice",
      "two actions of one name",
      "catch-a-refusal",
      (w) => set(action(w, "Catch")["actions"]!, "Try", structuredClone(action(w, "Catch", "Error_code"))),
    ],
    [
      "form:run-after",
      "waiting for what is elsewhere",
      "catch-a-refusal",
      (w) => set(action(w, "Catch"), "runAfter", { [makes]: ["Failed"] }),
    ],
    [
      "form:run-after-circle",
      "waiting for oneself",
      "mail-a-picture",
      (w) => set(action(w, makes), "runAfter", { Mail_the_link: ["Succeeded"] }),
    ],
    [
      "form:duration",
      "a time that is none",
      "mail-a-picture",
      (w) => set(action(w, makes)["limit"]!, "timeout", "1h"),
    ],
    [
      "form:duration",
      "a wait that is none",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["retryPolicy"]!, "interval", "20S"),
    ],
    [
      "form:retry-interval",
      "a wait that is too short",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["retryPolicy"]!, "minimumInterval", "PT1S"),
    ],
    [
      "form:retry-interval",
      "bounds the wrong way round",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["retryPolicy"]!, "minimumInterval", "PT10M"),
    ],
    [
      "form:connection-form",
      "a connection chosen at run time",
      "mail-a-picture",
      (w) =>
        set(
          inputs(w, makes)["host"]!["connection"]!,
          "name",
          "@parameters('$connections')[parameters('which')]['connectionId']",
        ),
    ],
  ]);
});

describe("caught in a workflow's calls", () => {
  catchesInSamples([
    [
      "calls:operation",
      "a path that there is not",
      "mail-a-picture",
      (w) => set(inputs(w, makes), "path", "/images/generate"),
    ],
    ["calls:operation", "another method", "mail-a-picture", (w) => set(inputs(w, makes), "method", "get")],
    [
      "calls:operation",
      "a connection of no service",
      "mail-a-picture",
      (w) =>
        set(
          inputs(w, makes)["host"]!["connection"]!,
          "name",
          "@parameters('$connections')['dall-e']['connectionId']",
        ),
    ],
    [
      "calls:internal",
      "an operation that designers hide",
      "mail-a-picture",
      (w) => put(inputs(w, makes), { method: "get", path: "/deployments" }),
    ],
    [
      "calls:kind",
      "a trigger as an action",
      "mail-a-picture",
      (w) => put(inputs(w, makes), { method: "get", path: "/triggers/images" }),
    ],
    [
      "calls:kind",
      "a webhook that nobody waits for",
      "pictures-for-a-list",
      (w) =>
        put(action(w, ...waits), {
          type: "ApiConnection",
          inputs: { ...inputs(w, ...waits), method: "post" },
        }),
    ],
    [
      "calls:callback",
      "another address to call back",
      "pictures-for-a-list",
      (w) => set(inputs(w, ...waits)["body"]!, "callbackUrl", "https://example.com"),
    ],
    [
      "calls:unknown-field",
      "a field of the raw service",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["body"]!, "output_format", "png"),
    ],
    [
      "calls:unknown-field",
      "a query that isn't taken",
      "edit-a-new-file",
      (w) => set(trigger(w)["inputs"]!["queries"]!, "folder", "x"),
    ],
    [
      "calls:unknown-field",
      "a field of a list's entry",
      "edit-a-new-file",
      (w) => set((inputs(w, "Edit_the_picture")["body"]!["images"] as unknown as Tree[])[0]!, "content", "x"),
    ],
    ["calls:required", "no prompt", "mail-a-picture", (w) => drop(inputs(w, makes)["body"], "prompt")],
    ["calls:required", "no body", "mail-a-picture", (w) => drop(inputs(w, makes), "body")],
    [
      "calls:required",
      "no folder",
      "edit-a-new-file",
      (w) => drop(trigger(w)["inputs"]!["queries"], "folderId"),
    ],
    [
      "calls:required",
      "a mail to nobody",
      "mail-a-picture",
      (w) => drop(inputs(w, "Mail_the_link")["body"], "To"),
    ],
    [
      "calls:value",
      "a choice that there is not",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["body"]!, "promptMode", "loud"),
    ],
    [
      "calls:value",
      "a number as a text",
      "mail-a-picture",
      (w) => set(inputs(w, "Make_a_link_for_a_week")["body"]!, "hours", "168"),
    ],
    [
      "calls:value",
      "a link for too long",
      "mail-a-picture",
      (w) => set(inputs(w, "Make_a_link_for_a_week")["body"]!, "hours", 720),
    ],
    [
      "calls:path-encoding",
      "a name that may lead elsewhere",
      "edit-a-new-file",
      (w) =>
        set(
          inputs(w, "For_each_result", "Get_the_result"),
          "path",
          "/images/@{items('For_each_result')?['imageId']}/content",
        ),
    ],
    [
      "calls:path-encoding",
      "a path that is encoded once",
      "edit-a-new-file",
      (w) =>
        set(
          inputs(w, "Read_the_file"),
          "path",
          "/v2/datasets/@{encodeURIComponent(encodeURIComponent('a'))}/files/@{encodeURIComponent(triggerBody()?['Path'])}/content",
        ),
    ],
  ]);
});
