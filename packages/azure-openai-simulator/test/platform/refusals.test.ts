import { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { aPrompt, dataOf, settle, simulate } from "./support.ts";

const seedInput = "Your task failed as a result of our safety system.";
const seedOutput = "Generated image was filtered as a result of our safety system.";

describe("a refusal", () => {
  it("of DALL-E 3 carries category results and the revised prompt", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const error = await simulated
      .azure("dalle3", "2024-02-01")
      .images.generate({ prompt: `${prompt} [[refuse]]` })
      .catch((reason: unknown) => reason as APIError);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({
      status: 400,
      code: "content_policy_violation",
      type: "invalid_request_error",
      error: {
        inner_error: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_results: { violence: { filtered: true, severity: "medium" } },
          revised_prompt: expect.stringContaining(prompt) as string,
        },
      },
    });
  });

  it("of gpt-image is a user error, moderation_blocked", async () => {
    const simulated = await simulate();
    const error = await simulated
      .azure("gpt-image", "2025-04-01-preview")
      .images.generate({ prompt: aPrompt("[[refuse]]") })
      .catch((reason: unknown) => reason as APIError);
    expect(error).toMatchObject({
      status: 400,
      code: "moderation_blocked",
      type: "image_generation_user_error",
    });
  });

  it.each([
    ["input", seedInput],
    ["output", seedOutput],
  ])("in the seeds' dialect on %s has its date and message", async (refused, message) => {
    const simulated = await simulate();
    const words = `[[refuse=${refused} dialect=contentFilter]]`;
    for (const answer of [await simulated.dalle3(aPrompt(words)), await simulated.gptImage(aPrompt(words))]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        created: expect.any(Number) as number,
        error: { code: "contentFilter", message },
      });
    }
  });

  it("may come with another status, 200 among them", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[refuse dialect=contentFilter status=200]]");
    const reply = await simulated.azure("dalle3", "2024-02-01").images.generate({ prompt });
    expect(reply.data).toBeUndefined();
  });

  it("can be told from one on output by its message, and by what it cost", async () => {
    const simulated = await simulate();
    const id = aPrompt();
    const input = await simulated.dalle3(`${id} [[refuse=input]]`);
    const output = await simulated.dalle3(`${id} [[refuse=output]]`);
    expect(output.status).toBe(400);
    expect(output.body).not.toEqual(input.body);
    const { calls } = await simulated.ledger(id);
    expect(calls.map(({ outcome }) => outcome)).toEqual(["not_billed", "billed"]);
  });

  it("strikes the call it is told to, of calls that are otherwise the same", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[refuse nth=4]]");
    const statuses = [];
    for (let call = 1; call <= 5; call += 1) statuses.push((await simulated.dalle3(prompt)).status);
    expect(statuses).toEqual([200, 200, 200, 400, 200]);
  });

  it("strikes exactly one of ten parallel calls", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[refuse nth=4]]");
    const answers = await Promise.all(Array.from({ length: 10 }, () => simulated.dalle3(prompt)));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(1);
  });

  it("of one slot of ten leaves the other nine, on gpt-image too", async () => {
    const simulated = await simulate();
    const data = dataOf(await simulated.gptImage(aPrompt("[[refuse-slots=3]]"), { n: 10, quality: "low" }));
    expect(data.map((item) => Object.keys(item)[0])).toEqual(
      Array.from({ length: 10 }, (_, index) => (index === 3 ? "error" : "b64_json")),
    );
    expect(data[3]).toMatchObject({ error: { code: "moderation_blocked" } });
  });
});

describe("a refusal of DALL-E 2", () => {
  it.each([
    ["input", seedInput, 0],
    ["output", seedOutput, 1],
  ])("on %s is a failed operation", async (refused, message, billed) => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt(`[[refuse=${refused}]]`));
    expect(submitted.status).toBe(202);
    expect((await settle(simulated, submitted)).body).toEqual({
      created: expect.any(Number) as number,
      error: { code: "contentFilter", message },
      id: (submitted.body as { id: string }).id,
      status: "failed",
    });
    expect((await simulated.ledger()).totals.images_billed).toBe(billed);
  });

  it("on one slot mixes addresses and errors in shape B", async () => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt("[[refuse-slots=1,2]]"), { n: 4 });
    const { body } = await settle(simulated, submitted);
    expect(body).toMatchObject({ status: "succeeded", lastActionDateTime: expect.any(Number) as number });
    expect(body).not.toHaveProperty("result");
    const refused = { error: { code: "contentFilter", message: seedOutput } };
    const url = { url: expect.stringContaining("http") as string };
    expect(body).toHaveProperty("data", [url, refused, refused, url]);
  });
});
