import { describe, expect, it } from "vitest";
import { anApp } from "../../support/app.ts";

const anonymous = { "x-caller": "" };
const page = (headers: Record<string, string> = {}) =>
  anApp().ask("pageGet", { path: "/", headers: { ...anonymous, ...headers } });
const asset = (name: string, headers: Record<string, string> = {}) =>
  anApp().ask("assetsGet", { path: `/assets/${name}`, headers: { ...anonymous, ...headers } });

describe("the page", () => {
  it("may run and show nothing but its own and the images behind links", async () => {
    const { status, headers } = await page();
    expect([status, headers.get("content-type")]).toEqual([200, "text/html"]);
    const rules = headers.get("content-security-policy")?.split("; ");
    expect(rules).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data: https://pictures.example",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("is asked for anew each time, and not sent when the browser has it", async () => {
    const first = await page();
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const again = await page({ "if-none-match": first.headers.get("etag") ?? "" });
    expect([again.status, again.text]).toEqual([304, ""]);
    // Under its policy too: a browser takes the headers of the 304.
    expect(again.headers.get("content-security-policy")).toBe(first.headers.get("content-security-policy"));
  });
});

describe("what the page loads", () => {
  it("is kept for good: its name changes with it", async () => {
    const { status, headers } = await asset("page.js");
    expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
  });

  it.each(["page.css", "index.html", "constructor", "%2e%2e%2findex.cjs"])("is not %s", async (name) => {
    expect((await asset(name)).status).toBe(404);
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, br;q=0", "gzip"],
    ["GZIP", "gzip"],
    ["deflate", null],
    ["gzip;q=0.0", null],
    ["", null],
  ])("answers Accept-Encoding %j with %s", async (offered, encoding) => {
    const { headers, text } = await asset("page.js", { "accept-encoding": offered });
    expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([encoding, "accept-encoding"]);
    expect(text).toBe(encoding === null ? "1;" : `${encoding}:1;`);
  });
});

it("the document is served to anyone, and may be kept for a while", async () => {
  const sent = { path: "/openapi.json", headers: anonymous };
  const { status, headers, json } = await anApp().ask("openapiGet", sent);
  expect([status, json]).toMatchObject([200, { openapi: "3.1.1" }]);
  expect(headers.get("cache-control")).toBe("public, max-age=300");
});
