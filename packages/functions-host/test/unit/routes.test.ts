import { expect, test } from "vitest";
import { buildRoutes, compileTemplate, findRoute } from "../../src/routes.ts";

const get = ["GET"];
const on = (name: string, route?: string, methods: string[] | "any" = get) => ({
  name,
  route,
  methods: methods === "any" ? undefined : methods,
});
const answer = (routes: ReturnType<typeof buildRoutes>, method: string, path: string) =>
  findRoute(routes, method, path)?.function.name;

test("the first match in the order of function names wins, not the most specific route", () => {
  const routes = buildRoutes([on("search", "items/search"), on("getItem", "items/{id}")], "");
  expect(answer(routes, "GET", "/items/search")).toBe("getItem");
});

test("a constraint makes room for the next function in the alphabet", () => {
  const routes = buildRoutes([on("search", "items/search"), on("getItem", "items/{id:int}")], "");
  expect(answer(routes, "GET", "/items/search")).toBe("search");
  expect(answer(routes, "GET", "/items/7")).toBe("getItem");
});

test("functions sort without regard to case", () => {
  const routes = buildRoutes([on("b", "{x}"), on("A", "{y}")], "");
  expect(answer(routes, "GET", "/1")).toBe("A");
});

test("a method that does not match is no match, and the next function is asked", () => {
  const routes = buildRoutes([on("a", "jobs"), on("b", "jobs", ["POST"])], "");
  expect(answer(routes, "post", "/jobs")).toBe("b");
  expect(answer(routes, "DELETE", "/jobs")).toBeUndefined();
});

test("a function without methods answers them all", () => {
  expect(answer(buildRoutes([on("a", "jobs", "any")], ""), "PATCH", "/jobs")).toBe("a");
});

test("the prefix comes first, and a function without a route answers under its name", () => {
  const routes = buildRoutes([on("hello")], "api");
  expect(answer(routes, "GET", "/api/hello")).toBe("hello");
  expect(answer(routes, "GET", "/hello")).toBeUndefined();
});

test("an empty route gives way to the name; a slash is the root", () => {
  const routes = buildRoutes([on("empty", ""), on("root", "/")], "");
  expect(answer(routes, "GET", "/empty")).toBe("empty");
  expect(answer(routes, "GET", "/")).toBe("root");
});

test.each(["admin", "administrators/{id}", "runtime/x", "Admin"])(
  "the reserved route %s is refused",
  (route) => {
    expect(() => buildRoutes([on("a", route)], "")).toThrow("reserved");
  },
);

test("two functions on one route and method are refused, on different methods they are not", () => {
  expect(() => buildRoutes([on("a", "jobs"), on("b", "JOBS")], "")).toThrow("conflicts");
  expect(() => buildRoutes([on("a", "jobs"), on("b", "jobs", "any")], "")).toThrow("conflicts");
  expect(buildRoutes([on("a", "jobs"), on("b", "jobs", ["POST"])], "")).toHaveLength(2);
});

test.each([
  ["items/{id}", "/items/7", { id: "7" }],
  ["items/{id}", "/ITEMS/7/", { id: "7" }],
  ["items/{id}", "/items", undefined],
  ["items/{id}", "/items/7/8", undefined],
  ["items/{id?}", "/items", {}],
  ["{root:maxlength(0)?}", "/", {}],
  ["{root:maxlength(0)?}", "/other", undefined],
  ["items/{id=all}", "/items", { id: "all" }],
  ["items/{id=all}", "/items/7", { id: "7" }],
  ["files/{*rest}", "/files/a/b", { rest: "a/b" }],
  ["files/{*rest}", "/files", {}],
  ["images/{name}.{format}", "/images/cat.png", { name: "cat", format: "png" }],
  ["a.b", "/axb", undefined],
  ["items/{id}", "/items/a%20b%2Fc", { id: "a b%2Fc" }],
  [
    "items/{id:guid}",
    "/items/0f8fad5b-d9cb-469f-a165-70867728950e",
    { id: "0f8fad5b-d9cb-469f-a165-70867728950e" },
  ],
  ["items/{id:guid}", "/items/search", undefined],
  ["items/{name:alpha:maxlength(3)}", "/items/abc", { name: "abc" }],
  ["items/{name:alpha:maxlength(3)}", "/items/abcd", undefined],
  ["items/{name:length(2,3)}", "/items/a", undefined],
  ["items/{name:minlength(2)}", "/items/ab", { name: "ab" }],
  ["items/{flag:bool}", "/items/TRUE", { flag: "TRUE" }],
  ["items/{name:regex(^job_)}", "/items/job_1", { name: "job_1" }],
])("the template %s reads %s", (template, path, params) => {
  expect(compileTemplate(template, "f")(path)).toEqual(params);
});

test("a constraint nobody knows is refused by name", () => {
  expect(() => compileTemplate("items/{id:prime}", "f")).toThrow(
    "Function 'f': the local host has no route constraint 'prime'",
  );
});
