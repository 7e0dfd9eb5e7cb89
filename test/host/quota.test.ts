import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

// Two deployments, whose pool takes three requests a minute; the simulator itself takes any number.
const darkroom = useDarkroom({
  deployments: (place) => [
    { ...place("dalle3", "dall-e-3"), quota_pool: "shared", requests_per_minute: 3 },
    { ...place("again", "dall-e-3"), deployment: "dalle3", quota_pool: "shared" },
  ],
});

it("jobs of deployments that share a pool send what it takes in a minute, and the others wait unsent", async () => {
  const model = "dall-e-3";
  const two = await darkroom.run({ model, deployment: "dalle3", n: 2, prompt: "pool one" });
  expect(two.images).toHaveLength(2);
  await darkroom.run({ model, deployment: "again", prompt: "pool two" });

  const { id } = await darkroom.accept({ model, deployment: "again", prompt: "pool three" });
  // Its step has run, and has sent nothing.
  await expect.poll(() => stepsRun(), { timeout: 30_000 }).toBe(4);
  expect(await darkroom.calls("pool")).toHaveLength(3);
  const waiting = await darkroom.job(id);
  expect(waiting.status).toBe("running");
  expect(waiting.error).toBeUndefined();
});

function stepsRun(): number {
  return [...darkroom.log.matchAll(/Executed 'Functions\.render-images'/g)].length;
}
