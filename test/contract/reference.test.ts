import { createConfig, lintFromString } from "@redocly/openapi-core";
import { expect, it } from "vitest";
import { document } from "../support/schemas.ts";

it("Redocly finds no error in the document, by its recommended rules", async () => {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  const errors = problems.filter(({ severity }) => severity === "error");
  expect(errors.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

it("every operation stands under one described tag", () => {
  const { tags, paths } = document as unknown as {
    tags: { name: string; description: string }[];
    paths: Record<string, Record<string, { tags?: string[]; summary?: string }>>;
  };
  const names = new Set(tags.map(({ name }) => name));
  for (const item of Object.values(paths)) {
    for (const { tags: own = [], summary } of Object.values(item)) {
      expect(own).toHaveLength(1);
      expect(names.has(own[0] ?? "")).toBe(true);
      expect(summary).toBeTruthy();
    }
  }
});
