import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { connectorBasePath, operations } from "../../src/connector/contracts/operations.ts";
import { anApp } from "../support/app.ts";

const { connector } = anApp();

it("the connector has a route for every operation of its definition, and no other", () => {
  const defined = operations.map(
    ({ operationId, method, path }) => `${operationId} ${method.toUpperCase()} ${connectorBasePath}${path}`,
  );
  const served = Object.entries(connector).map(
    ([name, { method, route }]) =>
      `${name.replace(/^./, (first) => first.toUpperCase())} ${method} /${route}`,
  );
  expect(served.sort()).toEqual(defined.sort());
});

it("the connector's functions are called by names of their own, and none is open to all", () => {
  const names = Object.values(connector).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.every((name) => name.startsWith("connector-"))).toBe(true);
  const open = Object.entries(connector).filter(([, { access }]) => access !== "caller");
  expect(open.sort()).toMatchObject([
    ["deleteImageHook", { access: "capability" }],
    ["getImageJobResult", { access: "callerOrSignature" }],
  ]);
});

it("all of them are registered", () => {
  const index = readFileSync(new URL("../../src/index.ts", import.meta.url), "utf8");
  expect(index).toContain(
    "of Object.values(connectorEndpoints({ ...connector, notifyCompletion }))) http(endpoint);",
  );
});
