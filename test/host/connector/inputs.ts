import { expect, it } from "vitest";
import { type Json, objectAt } from "../../../scripts/connector/json.ts";
import type { ImageResult } from "../../../src/connector/contracts/schemas.ts";
import { aPicture } from "../../support/edits.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

/**
 * What designers, forms and file actions send for the same request: each reply is judged by the definition. Sent as they are, since
 * no designer lets an author type most of it.
 */
export function inputs({ engine, webhooks }: WorkflowHarness): void {
  const optional = [
    ...["deployment", "n", "size", "quality", "background", "outputFormat", "outputCompression"],
    ...["user", "tags", "metadata", "modelParameters"],
  ];
  const perAction: Record<string, readonly string[]> = {
    GenerateImage: ["style", "moderation", "promptMode", "includeContent", "onFailure"],
    EditImage: [
      "imageId",
      "images",
      "maskContentBytes",
      "maskImageId",
      "maskMode",
      "maskInvert",
      "onFailure",
    ],
    GenerateImageAndWait: ["style", "moderation", "promptMode", "includeContent"],
    EditImageAndWait: ["imageId", "images", "maskContentBytes", "maskImageId", "maskMode", "maskInvert"],
    SubmitImageJob: ["style", "fileContent", "fileName", "imageId", "images", "maskInvert", "inputFidelity"],
  };
  const all = (operationId: string, value: Json) =>
    Object.fromEntries([...optional, ...(perAction[operationId] ?? [])].map((name) => [name, value]));
  const bodiesOf = async (operationId: string): Promise<[string, Record<string, Json>][]> => {
    const picture = (await aPicture(1)).toString("base64");
    const prompt = `a filled form ${tiny}`;
    const isGeneration = operationId.startsWith("Generate");
    const file = operationId.startsWith("Edit") ? { fileContent: picture } : {};
    const text = {
      ...{ n: "1", outputFormat: "JPEG", outputCompression: "80", tags: "a, b", metadata: '{"order":7}' },
      ...{ quality: "Low", size: "1024X1024" },
      ...(isGeneration && { promptMode: "DEFAULT", includeContent: "True" }),
    };
    const full = {
      ...{ deployment: "gpt-image", n: 1, size: "1024x1024", quality: "low", background: "opaque" },
      ...{ outputFormat: "png", user: "somebody", tags: ["a"], metadata: { order: "7" } },
    };
    return [
      ["minimal", { prompt, ...file }],
      ["full", { prompt, ...full, ...file }],
      ["text", { prompt, ...text, ...file }],
      ["empty", { prompt, ...all(operationId, ""), ...file }],
      ["blank", { prompt, ...all(operationId, " "), ...file }],
      ["null", { prompt, ...all(operationId, null), ...file }],
      ...(isGeneration
        ? []
        : [
            { "$content-type": "image/png", $content: picture },
            `data:image/png;base64,${picture}`,
            Buffer.from(picture).toString("base64"),
            picture.replace(/.{76}/g, "$&\r\n"),
          ].map((fileContent): [string, Record<string, Json>] => ["enveloped", { prompt, fileContent }])),
    ];
  };

  it.each(Object.keys(perAction))("of %s are understood however they are written", async (operationId) => {
    const bodies = await bodiesOf(operationId);
    const ended = await Promise.all(
      bodies.map(async ([how, body]) => {
        if (!operationId.endsWith("AndWait"))
          return [how, (await engine.act(operationId, { body }, { unchecked: true })).status];
        const { output, subscribed } = await webhooks.act(operationId, { body }, { unchecked: true });
        return [how, objectAt({ output }, "output")["status"] ?? subscribed.at(-1)?.body];
      }),
    );
    const expected = expectedOf(operationId);
    expect(ended).toEqual(bodies.map(([how]) => [how, expected]));
  });

  it("that are left empty elsewhere count as absent, too", async () => {
    const made = await engine.act("GenerateImage", { body: { prompt: `a linked form ${tiny}` } });
    const { imageId = "" } = made.body as ImageResult;
    for (const hours of ["", null, "24", 24]) {
      const link = await engine.act("CreateImageLink", { imageId, body: { hours } }, { unchecked: true });
      expect([hours, link.status]).toEqual([hours, 200]);
    }
    for (const value of ["", " "]) {
      const list = await engine.act(
        "ListImageJobs",
        { status: value, tag: value, model: value, limit: value, cursor: value },
        { unchecked: true },
      );
      expect([value, list.status]).toEqual([value, 200]);
    }
    const found = await engine.act("ListImageJobs", { status: "Succeeded", limit: "1" }, { unchecked: true });
    expect(found.status).toBe(200);
  });
}

function expectedOf(operationId: string): number | string {
  if (operationId.endsWith("AndWait")) return "succeeded";
  return operationId === "SubmitImageJob" ? 201 : 200;
}
