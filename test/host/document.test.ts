import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { useSharedDarkroom } from "../support/darkroom.ts";
import { document } from "../support/schemas.ts";

const darkroom = useSharedDarkroom();
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

it("the packaged app, where what writes its document lies in a file of its own, serves the very document", async () => {
  const served = (await (await darkroom.fetch("/openapi.json")).json()) as { info: object };
  const { info: own, ...rest } = document as unknown as { info: object };
  const { info, ...described } = served;
  expect(described).toEqual(rest);
  expect(info).toMatchObject({ ...own, version });
});

it("health and the document say which app this is: the package's version, and one build", async () => {
  const health = (await (await darkroom.fetch("/api/health")).json()) as { version: string; build: string };
  const { info } = (await (await darkroom.fetch("/openapi.json")).json()) as { info: object };
  expect(health.version).toBe(version);
  expect(info).toMatchObject({ version, "x-build": health.build });
});
