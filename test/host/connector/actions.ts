import { expect, it } from "vitest";
import type { ConnectorError, ImageResult } from "../../../src/connector/contracts/schemas.ts";
import { aMask, aPicture, download } from "../../support/edits.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

/** Actions that are waited for by polls. */
export function actions({ darkroom, engine }: WorkflowHarness): void {
  it("is posted, polled without credentials, and ends with its images, their files and links", async () => {
    const body = {
      prompt: "a polled umbrella",
      n: 2,
      modelParameters: { quality: "low" },
      includeContent: true,
    };
    const { status, body: result, answers } = await engine.act("GenerateImage", { body });
    expect([status, answers[0], answers.slice(0, -1).every((answer) => answer === 202)]).toEqual([
      200,
      202,
      true,
    ]);
    const { images } = result as ImageResult;
    expect(images.map(({ index }) => index)).toEqual([0, 1]);
    for (const { url, contentBytes = "" } of images)
      expect(Buffer.from(contentBytes, "base64").equals(await download(url))).toBe(true);
  });

  it.each([
    ["in parts", { prompt: "a mixed lot [[refuse-slots=1]]", deployment: "gpt-image", n: 3 }, 200],
    ["altogether", { prompt: "a refused lot [[refuse]]", deployment: "dalle3", n: 2 }, 422],
    ["at a service that is away", { prompt: "a closed shop [[403]]", deployment: "dalle3" }, 422],
  ])("that fails %s says why, in a status that isn't posted again", async (_how, body, status) => {
    const outcome = await engine.act("GenerateImage", { body });
    const retried = outcome.answers.filter((answer) => answer === "lost" || answer >= 429);
    expect([outcome.status, retried]).toEqual([status, []]);
    if (status === 200)
      expect((outcome.body as ImageResult).failures).toMatchObject([{ index: 1, code: "contentFilter" }]);
    else expect((outcome.body as ConnectorError).error.requestId).toMatch(/^[\w-]{8,}$/);
  });

  it("whose inputs came to nonsense at run time is refused, and names the field", async () => {
    const body = { prompt: "a wrong number", n: 99 };
    await expect(engine.act("GenerateImage", { body })).rejects.toThrow("n must be <= 10");
    const {
      status,
      body: refusal,
      answers,
    } = await engine.act("GenerateImage", { body }, { unchecked: true });
    expect([status, answers, (refusal as ConnectorError).error.param]).toEqual([400, [400], "n"]);
  });

  it("that brings an author's own key is one job in every run of the day", async () => {
    const inputs = {
      "Idempotency-Key": darkroom.unused("order-7"),
      body: { prompt: `an ordered kite ${tiny}`, deployment: "gpt-image" },
    };
    const first = await engine.act("GenerateImage", inputs);
    const second = await engine.act("GenerateImage", inputs);
    expect([second.answers, idOf(second)]).toEqual([[200], idOf(first)]);
    expect(await darkroom.calls("an ordered kite")).toHaveLength(1);
  });

  it("edits what it brings", async () => {
    const [image = "", mask = ""] = (await Promise.all([aPicture(1), aMask()])).map((bytes) =>
      bytes.toString("base64"),
    );
    const body = {
      prompt: "an edited kite",
      images: [{ name: "kite.png", contentBytes: image }],
      maskContentBytes: mask,
    };
    const { status, body: result } = await engine.act("EditImage", { body });
    expect([status, (result as ImageResult).images.length]).toEqual([200, 1]);
    expect(await darkroom.calls("an edited kite")).toMatchObject([{ route: "edit" }]);
  });
}

export const idOf = ({ body }: { body: unknown }): string => (body as ImageResult).jobId;
