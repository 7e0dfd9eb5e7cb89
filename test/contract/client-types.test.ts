import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { clientTypes, typesFile } from "../../scripts/client/types.ts";

it("the client's types are those of the OpenAPI document (npm run client-types)", async () => {
  expect(readFileSync(typesFile, "utf8")).toBe(await clientTypes());
});
