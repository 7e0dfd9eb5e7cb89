import { describe, expect, it } from "vitest";
import { policyRules } from "../../../scripts/infra/check/policy/rules.ts";
import { type Defect, expectCaught } from "../../support/infra-defects.ts";
import * as app from "../../support/infra-defects-in-app.ts";
import * as files from "../../support/infra-defects-in-files.ts";
import * as services from "../../support/infra-defects-in-services.ts";

/** Mistakes sown into our own templates, one at a time: each is found by the rule that is there for it, and no other. */

const sown: [string, Defect[]][] = [
  ["the form of templates", files.formDefects],
  ["templates", files.templateDefects],
  ["storage", services.storageDefects],
  ["the vault", services.vaultDefects],
  ["models", services.modelDefects],
  ["the network", services.networkDefects],
  ["monitoring", services.monitoringDefects],
  ["the app", app.appDefects],
  ["settings", app.settingsDefects],
  ["events", app.eventDefects],
  ["roles", app.roleDefects],
  ["azd's file and the workflows", files.repositoryDefects],
];

describe.each(sown)("a defect in %s is caught", (_, defects) => {
  it.each<Defect>(defects)("by %s: %s", async (...defect) => {
    await expectCaught(defect);
  });
});

describe("the defects", () => {
  it("are sown for every policy rule, and for every other check", () => {
    const rules = new Set(sown.flatMap(([, defects]) => defects.map(([rule]) => rule)));
    expect(policyRules.map(({ name }) => `policy:${name}`).filter((rule) => !rules.has(rule))).toEqual([]);
    const others = ["syntax", "grammar", "evaluate", "function", "file", "scope", "facts", "call:required"];
    const kinds = ["call:unknown-property", "call:type", "call:allowed", "module:required", "module:allowed"];
    const types = ["module:unknown-property", "type:unknown-property", "type:allowed"];
    expect([...others, ...kinds, ...types].filter((rule) => !rules.has(rule))).toEqual([]);
  });
});
