import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

it.each([
  [undefined, undefined],
  ["", undefined],
  ["https://images.contoso.example", "https://images.contoso.example"],
  ["https://Images.Contoso.Example:443/", "https://images.contoso.example"],
  ["https://images.contoso.example:8443", "https://images.contoso.example:8443"],
  ["https://gateway.example/darkroom", "https://gateway.example/darkroom"],
  ["https://gateway.example/team-a/darkroom_1/", "https://gateway.example/team-a/darkroom_1"],
  ["http://localhost:8080", "http://localhost:8080"],
  ["http://127.0.0.1:8080/app", "http://127.0.0.1:8080/app"],
  ["http://[::1]:8080", "http://[::1]:8080"],
])("PUBLIC_ORIGIN=%j makes addresses begin with %j", (text, origin) => {
  expect(settingsWith({ PUBLIC_ORIGIN: text }).publicOrigin).toBe(origin);
});

it.each([
  "images.contoso.example",
  "*",
  "https://",
  "http://images.contoso.example",
  "http://localhost.contoso.example",
  "https://images.contoso.example/?q",
  "https://images.contoso.example?",
  "https://images.contoso.example/#",
  "https://ann:secret@images.contoso.example",
  "https://images.contoso.example/a//b",
  "https://images.contoso.example/{tenant}",
  "https://images.contoso.example/a%20b",
  "ftp://images.contoso.example",
])("PUBLIC_ORIGIN=%s is told what it must be, and not repeated", (text) => {
  expect(problemsWith({ PUBLIC_ORIGIN: text })).toEqual([
    "PUBLIC_ORIGIN must be the https address that callers use, such as https://images.example, with a path at most.",
  ]);
});
