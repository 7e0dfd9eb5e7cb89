import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";
import { document } from "../support/schemas.ts";

const darkroom = useDarkroom();

it("the packaged app, where what writes its document lies in a file of its own, serves the very document", async () => {
  expect(await (await darkroom.fetch("/openapi.json")).json()).toEqual(document);
});
