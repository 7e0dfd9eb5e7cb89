import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

it.each([
  [undefined, []],
  ["", []],
  [
    "http://127.0.0.1:9000, https://pictures.corp.example",
    ["http://127.0.0.1:9000", "https://pictures.corp.example"],
  ],
  ["https://Pictures.Corp.Example:443/", ["https://pictures.corp.example"]],
  ["http://[::1]:9000", ["http://[::1]:9000"]],
])("URL_ALLOWLIST=%j allows these origins: %j", (text, origins) => {
  expect(settingsWith({ URL_ALLOWLIST: text }).urlAllowlist).toEqual(origins);
});

it.each([
  "127.0.0.1:9000",
  "pictures.example",
  "*",
  "https://",
  "https://pictures.example/cats",
  "https://pictures.example/?q",
  "https://pictures.example/#f",
  "https://ann:secret@pictures.example",
  "ftp://pictures.example",
  "blob:https://pictures.example",
  "file:///etc",
])("an entry as in %s is told what it must be, and not repeated", (entry) => {
  expect(problemsWith({ URL_ALLOWLIST: `https://a.example,${entry}` })).toEqual([
    "URL_ALLOWLIST, entry 2, must be an origin alone: scheme, host and port, such as https://pictures.example:8443.",
  ]);
});

it("an empty entry is a problem, since something may be missing there", () => {
  expect(problemsWith({ URL_ALLOWLIST: "https://a.example," })).toHaveLength(1);
});
