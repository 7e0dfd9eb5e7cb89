import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { environmentSettings } from "../../local/settings.ts";

const sample = JSON.parse(readFileSync("local.settings.sample.json", "utf8")) as {
  Values: Record<string, string>;
};

it("every setting of the sample may come from the environment, and nothing else does", () => {
  const { FUNCTIONS_WORKER_RUNTIME, ...ours } = sample.Values;
  const environment = Object.fromEntries(Object.keys(ours).map((name) => [name, "given"]));
  expect(environmentSettings({ ...environment, FUNCTIONS_WORKER_RUNTIME, PATH: "/bin" })).toEqual(
    environment,
  );
});
