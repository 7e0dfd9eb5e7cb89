import { describe, expect, it } from "vitest";
import { checkConnections, checkValues } from "../../../scripts/connector/flows/check/form.ts";
import { damaged, drop, listIn, type Tree } from "../../support/connector-defects.ts";
import {
  action,
  catchesInSamples,
  inputs,
  looks,
  makes,
  set,
  trigger,
} from "../../support/workflow-defects.ts";
import { findingsIn, sample } from "../../support/workflows.ts";

/** Slips that workflows really have, sown one at a time into the samples: each is caught, by the rule that is there for it. */

describe("caught in what a workflow says", () => {
  const prompt = (w: Tree, text: string) => set(inputs(w, makes)["body"]!, "prompt", text);
  const list = (w: Tree, text: string) => set(inputs(w, "Make_a_contact_sheet"), "from", text);
  catchesInSamples([
    [
      "meaning:expression",
      "a bracket that isn't closed",
      "mail-a-picture",
      (w) => prompt(w, "@parameters('prompt'"),
    ],
    ["meaning:expression", "a quote that isn't closed", "mail-a-picture", (w) => prompt(w, "@{concat('a}")],
    [
      "meaning:function",
      "a function of another language",
      "mail-a-picture",
      (w) => prompt(w, "@toUpperCase(parameters('prompt'))"),
    ],
    [
      "meaning:parameter",
      "a parameter that isn't declared",
      "mail-a-picture",
      (w) => prompt(w, "@parameters('subject')"),
    ],
    [
      "meaning:variable",
      "a variable that is never made",
      "pictures-for-a-list",
      (w) => list(w, "@variables('images')"),
    ],
    [
      "meaning:variable",
      "adding to a variable that is never made",
      "pictures-for-a-list",
      (w) => set(inputs(w, ...looks, "Note_the_link"), "name", "images"),
    ],
    [
      "meaning:action",
      "an action that was renamed",
      "pictures-for-a-list",
      (w) => list(w, "@body('For_all_prompts')"),
    ],
    [
      "meaning:order",
      "an action that comes later",
      "mail-a-picture",
      (w) => prompt(w, "@body('Make_a_link_for_a_week')?['url']"),
    ],
    [
      "meaning:loop",
      "many answers read as one",
      "pictures-for-a-list",
      (w) => list(w, "@body('Generate_and_wait')?['images']"),
    ],
    [
      "meaning:loop",
      "an item of a loop that isn't around",
      "mail-a-picture",
      (w) => prompt(w, "@items('For_each_prompt')"),
    ],
    [
      "meaning:field",
      "a field of the raw service",
      "catch-a-refusal",
      (w) =>
        set(
          inputs(w, "Answer_with_the_link")["body"]!,
          "url",
          "@first(body('Generate_a_picture')?['data'])?['url']",
        ),
    ],
    [
      "meaning:field",
      "a field of a list's entry",
      "catch-a-refusal",
      (w) =>
        set(
          inputs(w, "Answer_with_the_link")["body"]!,
          "url",
          "@first(body('Generate_a_picture')?['images'])?['uri']",
        ),
    ],
    [
      "meaning:field",
      "a field that is not told",
      "catch-a-refusal",
      (w) =>
        set(
          inputs(w, "Answer_with_the_link")["body"]!,
          "url",
          "@body('Generate_a_picture')?['error']?['reason']",
        ),
    ],
    [
      "meaning:field",
      "images where there was an error",
      "mail-a-picture",
      (w) =>
        set(
          inputs(w, "Mail_what_went_wrong")["body"]!,
          "Body",
          "@{length(body('Generate_a_picture')?['images'])}",
        ),
    ],
    [
      "meaning:field",
      "a field of the trigger",
      "catch-a-refusal",
      (w) => set(inputs(w, "Try", makes)["body"]!, "prompt", "@triggerBody()?['text']"),
    ],
    [
      "meaning:field",
      "a field of a file",
      "edit-a-new-file",
      (w) =>
        set(
          (inputs(w, "Edit_the_picture")["body"]!["images"] as unknown as Tree[])[0]!,
          "name",
          "@triggerBody()?['FileName']",
        ),
    ],
    [
      "meaning:field",
      "a field of a loop's item",
      "edit-a-new-file",
      (w) =>
        set(
          inputs(w, "For_each_result", "Save_the_result")["queries"]!,
          "name",
          "@items('For_each_result')?['id']",
        ),
    ],
    [
      "meaning:field",
      "a loop over what isn't there",
      "edit-a-new-file",
      (w) => set(action(w, "For_each_result"), "foreach", "@body('Edit_the_picture')?['value']"),
    ],
    [
      "meaning:case",
      "a code that never comes",
      "catch-a-refusal",
      (w) =>
        set(action(w, "Catch", "By_error_code")["cases"]!["Refused"]!, "case", "content_policy_violation"),
    ],
  ]);
});

describe("caught before it hurts", () => {
  const kept = (tree: Tree) => drop(tree["runtimeConfiguration"], "secureData");
  catchesInSamples([
    [
      "care:concurrency",
      "more at once than quota allows",
      "pictures-for-a-list",
      (w) => set(action(w, "For_each_prompt")["runtimeConfiguration"]!["concurrency"]!, "repetitions", 20),
    ],
    [
      "care:concurrency",
      "as many at once as the engine likes",
      "pictures-for-a-list",
      (w) => drop(action(w, "For_each_prompt"), "runtimeConfiguration"),
    ],
    [
      "care:concurrency",
      "a run for each of a hundred files",
      "edit-a-new-file",
      (w) => drop(trigger(w), "runtimeConfiguration"),
    ],
    [
      "care:retries",
      "giving up before quota is back",
      "mail-a-picture",
      (w) => drop(inputs(w, makes), "retryPolicy"),
    ],
    [
      "care:retries",
      "too few tries",
      "catch-a-refusal",
      (w) => set(inputs(w, "Try", makes)["retryPolicy"]!, "count", 2),
    ],
    [
      "care:secure-outputs",
      "a file that was read",
      "edit-a-new-file",
      (w) => kept(action(w, "Read_the_file")),
    ],
    [
      "care:secure-inputs",
      "a file that is sent",
      "edit-a-new-file",
      (w) => kept(action(w, "Edit_the_picture")),
    ],
    [
      "care:secure-inputs",
      "a file that is passed on",
      "edit-a-new-file",
      (w) => kept(action(w, "For_each_result", "Save_the_result")),
    ],
    [
      "care:secure-outputs",
      "files that were asked for",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["body"]!, "includeContent", true),
    ],
    [
      "care:secure-inputs",
      "a file from a result",
      "catch-a-refusal",
      (w) =>
        set(
          inputs(w, "Answer_with_the_link")["body"]!,
          "file",
          "@first(body('Generate_a_picture')?['images'])?['contentBytes']",
        ),
    ],
  ]);
});

describe("caught between workflow and template", () => {
  const mail = sample("mail-a-picture");
  it("a connection that isn't given, and one that nobody uses", () => {
    expect(checkConnections(mail, ["darkroom"])).toMatchObject([
      { rule: "form:connection", place: "office365" },
    ]);
    expect(checkConnections(mail, ["darkroom", "office365", "azureblob"])).toHaveLength(1);
  });

  it("a value that isn't given, and one that nobody asks for", () => {
    expect(checkValues(mail, [])).toMatchObject([{ rule: "form:value", place: "recipient" }]);
    expect(checkValues(mail, ["recipient", "sender"])).toHaveLength(1);
  });

  it("and lists are lists of the tree: what is sown is sown in a copy", () => {
    const copy = damaged(mail, (w) =>
      listIn(w["triggers"]!["Every_Monday_morning"]!["recurrence"]!["schedule"], "hours").push("9"),
    );
    expect(findingsIn(copy)).toEqual([]);
    expect(findingsIn(mail)).toEqual([]);
  });
});
