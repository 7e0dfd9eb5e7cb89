import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mergeSettings, readLocalSettings } from "../../src/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "local.settings.json");
const read = (content: unknown) => {
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return readLocalSettings(file);
};

test("values are read as text, and nulls are left out", () => {
  expect(read({ IsEncrypted: false, Values: { A: "x", B: 5, C: true, D: null } })).toEqual({
    A: "x",
    B: "5",
    C: "true",
  });
});

test("no file means no settings", () => {
  expect(readLocalSettings(join(folder, "absent.json"))).toEqual({});
});

test("an encrypted file, broken JSON and values that are no text are refused", () => {
  expect(() => read({ IsEncrypted: true, Values: {} })).toThrow("encrypted");
  expect(() => read("{broken")).toThrow("not valid JSON");
  expect(() => read({ Values: { A: {} } })).toThrow("value of A");
});

test("the environment wins", () => {
  expect(mergeSettings({ A: "environment" }, { A: "file", B: "file" })).toEqual({
    A: "environment",
    B: "file",
  });
});
