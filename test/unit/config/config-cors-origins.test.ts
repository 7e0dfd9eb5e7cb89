import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

it("CORS_ORIGINS lists origins as browsers spell them", () => {
  expect(
    settingsWith({ CORS_ORIGINS: "https://App.Example:443/, http://localhost:5173" }).corsOrigins,
  ).toEqual(["https://app.example", "http://localhost:5173"]);
  expect(settingsWith({}).corsOrigins).toEqual([]);
});

it.each(["*", "app.example", "https://app.example/path", "null"])(
  "CORS_ORIGINS doesn't take %s, which is no origin",
  (entry) => {
    expect(problemsWith({ CORS_ORIGINS: entry })).toEqual([
      "CORS_ORIGINS, entry 1, must be an origin alone: scheme, host and port, such as https://pictures.example:8443.",
    ]);
  },
);

it("LINK_ORIGIN is one origin, or a problem", () => {
  expect(settingsWith({ LINK_ORIGIN: "https://Pictures.Example/" }).linkOrigin).toBe(
    "https://pictures.example",
  );
  expect(settingsWith({}).linkOrigin).toBeUndefined();
  expect(problemsWith({ LINK_ORIGIN: "pictures.example" })).toEqual([
    "LINK_ORIGIN must be an origin alone, such as https://pictures.example.",
  ]);
});
