import { describe, expect, it } from "vitest";
import { checkConnections, checkValues } from "../../../scripts/connector/flows/check/form.ts";
import type { SampleName } from "../../../scripts/connector/flows/samples.ts";
import {
  damaged,
  type Defect,
  drop,
  expectCaught,
  listIn,
  put,
  type Tree,
} from "../../support/connector-defects.ts";
import { findingsIn, sample } from "../../support/workflows.ts";

/** Slips that workflows really have, sown one at a time into the samples: each is caught, by the rule that is there for it. */

const action = (tree: Tree, ...names: string[]): Tree =>
  names.reduce<Tree>((at, name) => at["actions"]![name]!, tree);
const inputs = (tree: Tree, ...names: string[]) => action(tree, ...names)["inputs"]!;
const trigger = (tree: Tree) => Object.values(tree["triggers"]!)[0]!;
const set = (tree: Tree, key: string, value: unknown) => put(tree, { [key]: value });

const makes = "Generate_a_picture";
const looks = ["For_each_prompt", "Is_there_a_picture"] as const;

type Sown = [rule: string, words: string, name: SampleName, defect: Defect];

describe("caught in a workflow's form", () => {
  it.each<Sown>([
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
  ])("%s: %s", async (rule, _, name, defect) => {
    await expectCaught(rule, findingsIn(damaged(sample(name), defect)));
  });
});

describe("caught in a workflow's calls", () => {
  it.each<Sown>([
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
      "a size that there is not",
      "mail-a-picture",
      (w) => set(inputs(w, makes)["body"]!, "size", "1000x1000"),
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
  ])("%s: %s", async (rule, _, name, defect) => {
    await expectCaught(rule, findingsIn(damaged(sample(name), defect)));
  });
});

describe("caught in what a workflow says", () => {
  const prompt = (w: Tree, text: string) => set(inputs(w, makes)["body"]!, "prompt", text);
  const list = (w: Tree, text: string) => set(inputs(w, "Make_a_contact_sheet"), "from", text);
  it.each<Sown>([
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
      "an error where there was none",
      "catch-a-refusal",
      (w) =>
        set(
          inputs(w, "Answer_with_the_link")["body"]!,
          "url",
          "@body('Generate_a_picture')?['error']?['message']",
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
  ])("%s: %s", async (rule, _, name, defect) => {
    await expectCaught(rule, findingsIn(damaged(sample(name), defect)));
  });
});

describe("caught before it hurts", () => {
  const kept = (tree: Tree) => drop(tree["runtimeConfiguration"], "secureData");
  it.each<Sown>([
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
  ])("%s: %s", async (rule, _, name, defect) => {
    await expectCaught(rule, findingsIn(damaged(sample(name), defect)));
  });
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
