import { expect, it } from "vitest";
import { anApp } from "../../support/app.ts";
import { origin } from "../../support/http.ts";

it("the page shows a line that works when pasted, and runs no script", async () => {
  const { status, headers, text } = await anApp().ask("pageGet", { path: "/", headers: { "x-caller": "" } });
  expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(headers.get("content-security-policy")).toMatch(/default-src 'none'/);
  expect(text).toContain(`curl ${origin}/api/images/generations`);
  expect(text).not.toContain("<script");
});

it("the document is served to anyone, and may be kept for a while", async () => {
  const sent = { path: "/openapi.json", headers: { "x-caller": "" } };
  const { status, headers, json } = await anApp().ask("openapiGet", sent);
  expect([status, json]).toMatchObject([200, { openapi: "3.1.1" }]);
  expect(headers.get("cache-control")).toBe("public, max-age=300");
});
