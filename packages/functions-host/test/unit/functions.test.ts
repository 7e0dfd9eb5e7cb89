import { expect, test } from "vitest";
import type { Binding } from "../../src/core-types.ts";
import { loadFunctions } from "../../src/functions.ts";

const log = () => undefined;
const registered = (name: string, ...bindings: Binding[]) => ({
  metadata: {
    name,
    bindings: Object.fromEntries(bindings.map((each, index) => [each.name ?? `b${index}`, each])),
  },
  callback: () => undefined,
});
const http: Binding = { type: "httpTrigger", direction: "in", name: "request" };

test("functions come in alphabetical order, whatever their case", () => {
  const loaded = loadFunctions(
    [registered("b", http), registered("A", http), registered("c", http)],
    {},
    log,
  );
  expect(loaded.map(({ name }) => name)).toEqual(["A", "b", "c"]);
});

test("a disabled function is left out", () => {
  expect(loadFunctions([registered("a", http)], { "AzureWebJobs.a.Disabled": "true" }, log)).toEqual([]);
});

test("a setting in percent signs is filled in, and a missing one is an error", () => {
  const queue: Binding = { type: "queueTrigger", direction: "in", name: "item", queueName: "%NAME%-x" };
  expect(loadFunctions([registered("a", queue)], { NAME: "work" }, log)[0]?.trigger["queueName"]).toBe(
    "work-x",
  );
  expect(() => loadFunctions([registered("a", queue)], {}, log)).toThrow("no setting 'NAME'");
});

test.each([
  [{ type: "eventHubTrigger", direction: "in" } as const, "no trigger 'eventHubTrigger'"],
  [{ type: "entityTrigger", direction: "in" } as const, "no trigger 'entityTrigger'"],
])("a trigger this host does not have is refused at load", (binding, message) => {
  expect(() => loadFunctions([registered("a", binding)], {}, log)).toThrow(message);
});

test("an output binding this host does not have is refused at load", () => {
  const output: Binding = { type: "queue", direction: "out", name: "out" };
  expect(() => loadFunctions([registered("a", http, output)], {}, log)).toThrow("no out binding 'queue'");
});
