import { expect, it } from "vitest";
import { type Json, type JsonObject, objectAt, textAt } from "../../../scripts/connector/json.ts";
import { type SampleName, sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { aPicture } from "../../support/edits.ts";
import { sampleFile } from "../../support/workflows.ts";
import { formsOf } from "../../support/workflow/forms.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { runWorkflow, type Start } from "../../support/workflow/run.ts";

const catching = "catch-a-refusal";

/** The sample workflows, run from their own files: what they do with Darkroom, and what they tell others. */
export function samples(harness: WorkflowHarness): void {
  /** In each product's form. */
  const run = (name: SampleName, { parameters = {}, ...start }: Start) =>
    Promise.all(
      formsOf(name).map(({ definition, parameter }) => {
        const own = Object.entries(parameters).map(([field, value]) => [parameter(field), value]);
        return runWorkflow(harness, definition, {
          ...start,
          parameters: Object.fromEntries(own) as JsonObject,
        });
      }),
    );

  it.each(sampleNames)("%s takes no first of a list", (name) => {
    expect(sampleFile(`${name}.json`)).not.toMatch(/\bfirst\(/);
  });

  it.concurrent.each([
    ["a prompt", "a caught kite", 200, undefined],
    ["a refused prompt", "a caught quarrel [[refuse]]", 422, "contentFilter"],
    ["a prompt that is blank", " ", 400, "invalidRequest"],
  ])("catch-a-refusal answers %s", async (_, prompt, status, code) => {
    for (const { response } of await run(catching, { trigger: { prompt } })) {
      expect([response?.["statusCode"], objectAt(response, "body")["code"]]).toEqual([status, code]);
      if (status === 200) expect(textAt(objectAt(response, "body"), "url")).toMatch(/^http/);
    }
  });

  it.concurrent("mail-a-picture mails a link that opens", async () => {
    for (const { managed } of await run("mail-a-picture", { parameters: { recipient: "a@example.com" } })) {
      expect(managed.map(({ action }) => action)).toEqual(["Mail_the_link"]);
      const [, url = ""] = /href="([^"]+)"/.exec(textAt(managed[0]?.body, "Body") ?? "") ?? [];
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it.concurrent("pictures-for-a-list notes a link, or why there is none, for each prompt", async () => {
    const prompts = ["a listed kite", "a listed quarrel [[refuse]]"];
    for (const { bodies } of await run("pictures-for-a-list", { trigger: { prompts } })) {
      expect(bodies.get("Make_a_contact_sheet")).toEqual([
        { prompt: prompts[0], link: expect.stringMatching(/^http/) as string },
        { prompt: prompts[1], note: expect.stringMatching(/\w/) as string },
      ]);
    }
  });

  it.concurrent("edit-a-new-file saves what it edited", async () => {
    for (const { managed } of await run("edit-a-new-file", {
      trigger: { Name: "kite.png", Path: "/photos/kite.png" },
      answers: { Read_the_file: await fileOf(aPicture(1)) },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(["Read_the_file", "Save_the_result"]);
      expect(managed[1]?.queries["name"]).toMatch(/\.png$/);
      expect(bytesOf(managed[1]?.body).length).toBeGreaterThan(1_000);
    }
  });

  it.concurrent("edit-a-sharepoint-file saves what it edited, by a name of its own", async () => {
    for (const { managed } of await run("edit-a-sharepoint-file", {
      parameters: { site: "https://example.sharepoint.com", library: "pictures" },
      trigger: { "{Identifier}": "Shared%20Documents/kite.png" },
      answers: { Get_the_file: await fileOf(aPicture(2)) },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(["Get_the_file", "Save_the_result"]);
      expect(managed[1]?.queries["name"]).toMatch(/\.png$/);
      expect(bytesOf(managed[1]?.body).length).toBeGreaterThan(1_000);
    }
  });

  it.concurrent.each([
    ["posts what is approved", "Approve", ["Get_the_answers", "Ask_for_approval", "Post_to_Teams"]],
    ["posts nothing that isn't", "Reject", ["Get_the_answers", "Ask_for_approval"]],
  ])("approve-a-picture %s", async (_, SelectedOption, actions) => {
    for (const { managed } of await run("approve-a-picture", {
      parameters: { form: "f", promptQuestion: "q", approver: "a@example.com", team: "t", channel: "c" },
      trigger: { resourceData: { responseId: 1 } },
      answers: {
        Get_the_answers: { q: `a kite for ${SelectedOption}` },
        Ask_for_approval: { SelectedOption },
      },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(actions);
    }
  });

  it.concurrent("nightly-batch writes a link into each row whose prompt was not refused", async () => {
    const rows = [
      { ID: 1, Title: "a nightly kite" },
      { ID: 2, Title: "a nightly quarrel [[refuse]]" },
    ];
    for (const { managed } of await run("nightly-batch", {
      parameters: { site: "https://example.sharepoint.com", list: "prompts" },
      answers: { Get_the_rows: { value: rows } },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(["Get_the_rows", "Write_the_link"]);
      expect(managed[1]?.path).toMatch(/\/items\/1$/);
      expect(managed[1]?.body).toEqual({
        Picture: expect.stringMatching(/^http/) as string,
        ImageId: expect.stringMatching(/^job_/) as string,
      });
    }
  });

  it.concurrent("edit-a-mail-attachment mails each picture back", async () => {
    const ContentBytes = (await aPicture(3)).toString("base64");
    for (const { managed } of await run("edit-a-mail-attachment", {
      trigger: { From: "a@example.com", Subject: "Kite", Attachments: [{ Name: "kite.png", ContentBytes }] },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(["Mail_it_back"]);
      expect(managed[0]?.body).toMatchObject({
        To: "a@example.com",
        Attachments: [{ Name: expect.stringMatching(/\.png$/) as string }],
      });
    }
  });

  it.concurrent("catalogue makes a scene of what it cut out", async () => {
    for (const { managed, bodies } of await run("catalogue", {
      parameters: { site: "https://example.sharepoint.com", library: "pictures" },
      trigger: { "{Identifier}": "kite.png" },
      answers: { Get_the_photo: await fileOf(aPicture(4)) },
    })) {
      expect(managed.map(({ action }) => action)).toEqual(["Get_the_photo", "Save_the_scene"]);
      expect(bytesOf(managed[1]?.body).length).toBeGreaterThan(1_000);
      expect(textAt(bodies.get("Make_a_scene"), "jobId")).not.toBe(textAt(bodies.get("Cut_it_out"), "jobId"));
    }
  });
}

const fileOf = async (picture: Promise<Buffer>) => ({
  "$content-type": "image/png",
  $content: (await picture).toString("base64"),
});
const bytesOf = (file: Json | undefined) => Buffer.from(textAt(file, "$content") ?? "", "base64");
