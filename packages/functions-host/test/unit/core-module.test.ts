import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createCoreModule, installCoreModule } from "../../src/core-module.ts";

interface Exports {
  hostVersion: string;
  registerFunction(metadata: object, callback: () => unknown): { dispose(): void };
  registerHook(name: string, callback: () => unknown): { dispose(): void };
  setProgrammingModel(model: object): void;
  getProgrammingModel(): object;
  log(level: string, category: string, message: string): void;
  Disposable: { new (end: () => void): { dispose(): void }; from(...parts: object[]): { dispose(): void } };
}

function create() {
  const logged: string[] = [];
  const core = createCoreModule(
    "4.0.0",
    (level, category, message) => void logged.push(`${level} ${category} ${message}`),
  );
  return { core, logged, api: core.exports as Exports };
}
const fn = (name: string) => ({ name, bindings: {} });

test("registered functions are known until they are disposed of", () => {
  const { core, api } = create();
  api.registerFunction(fn("a"), () => 1);
  const second = api.registerFunction(fn("b"), () => 2);
  second.dispose();
  second.dispose();
  expect(core.registrations.functions.map(({ metadata }) => metadata.name)).toEqual(["a"]);
});

test("a second function of a name is refused, whatever its case", () => {
  const { api } = create();
  api.registerFunction(fn("draw"), () => 1);
  expect(() => api.registerFunction(fn("DRAW"), () => 2)).toThrow("already registered");
});

test("after startup no function can be registered", () => {
  const { core, api } = create();
  core.registrations.lock();
  expect(() => api.registerFunction(fn("a"), () => 1)).toThrow("during app startup");
});

test("hooks are kept by name, and one nobody knows is the range error the library looks for", () => {
  const { core, api } = create();
  const hook = () => undefined;
  const registered = api.registerHook("preInvocation", hook);
  expect(core.registrations.hooks("preInvocation")).toEqual([hook]);
  registered.dispose();
  expect(core.registrations.hooks("preInvocation")).toEqual([]);
  expect(() => api.registerHook("later", hook)).toThrow(
    expect.objectContaining({ name: "RangeError", isAzureFunctionsSystemError: true }),
  );
});

test("the last programming model wins", () => {
  const { core, api } = create();
  api.setProgrammingModel({ name: "first" });
  api.setProgrammingModel({ name: "second" });
  expect(core.registrations.model).toEqual({ name: "second" });
  expect(api.getProgrammingModel()).toEqual({ name: "second" });
});

test("disposables dispose of their parts", () => {
  const { api } = create();
  const ended: string[] = [];
  api.Disposable.from(
    new api.Disposable(() => ended.push("a")),
    new api.Disposable(() => ended.push("b")),
  ).dispose();
  expect(ended).toEqual(["a", "b"]);
});

test("once installed, the module is what require finds, and other modules are found as before", () => {
  const { core } = create();
  installCoreModule(core);
  const require = createRequire(import.meta.url);
  const moduleOf = { require: requireOf(require) };
  expect(moduleOf.require("@azure/functions-core")).toBe(core.exports);
  expect(moduleOf.require("node:path")).toBe(require("node:path"));
});

/** `require` as a module calls it: through the prototype. */
function requireOf(require: NodeJS.Require): (id: string) => unknown {
  const Module = require("node:module") as new (id: string) => { require(id: string): unknown };
  const instance = new Module("test");
  return (id) => instance.require(id);
}
