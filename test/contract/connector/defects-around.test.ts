import { randomBytes } from "node:crypto";
import { describe, it } from "vitest";
import sharp from "sharp";
import { about } from "../../../scripts/connector/about.ts";
import { checkIcon } from "../../../scripts/connector/check/icon.ts";
import { checkPropertiesReferences } from "../../../scripts/connector/check/references.ts";
import { checkPropertiesShape } from "../../../scripts/connector/check/shapes.ts";
import {
  type Defect,
  type Tree,
  damaged,
  expectCaught,
  put,
  drop,
  listIn,
} from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";

/** Defects that other connectors really have, sown one at a time: each is caught, by the rule that is there for it. */

const definition = committed("apiDefinition.swagger.json");
const properties = committed("apiProperties.json");

describe("caught in the property file", () => {
  const inside = (p: Tree) => p["properties"] as Tree;
  const set = (p: Tree, index: number) =>
    inside(p)["connectionParameterSets"]!["values"]![String(index)] as Tree;
  const key = (p: Tree) => set(p, 0)["parameters"]!["api_key"] as Tree;
  const oauth = (p: Tree) => set(p, 1)["parameters"]!["token"]!["oAuthSettings"] as Tree;
  const policy = (p: Tree) => inside(p)["policyTemplateInstances"]!["0"] as Tree;
  it.each<[string, string, Defect]>([
    ["not", "the colour of everybody", (p) => put(inside(p), { iconBrandColor: "#007ee5" })],
    ["const", "a key that is shown", (p) => put(key(p)["uiDefinition"]!["constraints"], { clearText: true })],
    [
      "enum",
      "a truth that isn't a text",
      (p) => put(key(p)["uiDefinition"]!["constraints"], { required: true }),
    ],
    ["additionalProperties", "a secret", (p) => put(oauth(p), { clientSecret: "x" })],
    ["const", "a redirect to elsewhere", (p) => put(oauth(p), { redirectUrl: "https://example.com" })],
    ["enum", "a template that there is not", (p) => put(policy(p), { templateId: "dynamichost" })],
    [
      "required",
      "no address to go to",
      (p) => drop(policy(p)["parameters"], "x-ms-apimTemplateParameter.urlTemplate"),
    ],
    [
      "anyOf",
      "no way to connect",
      (p) => drop(inside(p), "connectionParameterSets") && drop(inside(p), "connectionParameters"),
    ],
  ])("properties-schema, %s: %s", async (rule, _, defect) => {
    await expectCaught(`properties-schema:${rule}`, checkPropertiesShape(damaged(properties, defect)));
  });

  it.each<[string, string, Defect]>([
    [
      "policy-operation",
      "an operation that there is not",
      (p) => listIn(policy(p)["parameters"], "x-ms-apimTemplate-operationName").push("MakeImage"),
    ],
    [
      "policy-operation",
      "an operation that calls the wrong host",
      (p) => listIn(policy(p)["parameters"], "x-ms-apimTemplate-operationName").pop(),
    ],
    [
      "set-required",
      "a key that may be empty",
      (p) => drop(key(p)["uiDefinition"]!["constraints"], "required"),
    ],
  ])("%s: %s", async (rule, _, defect) => {
    await expectCaught(
      `references:${rule}`,
      checkPropertiesReferences(damaged(properties, defect), definition),
    );
  });
});

describe("caught in the icon", () => {
  const plain = (width: number, height: number, background: string) =>
    sharp({ create: { width, height, channels: 3, background } });
  const noise = (side: number) =>
    sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer();
  it.each<[string, string, () => Promise<Buffer>]>([
    ["square", "a rectangle", async () => plain(200, 120, about.brandColor).png().toBuffer()],
    ["square", "a stamp", async () => plain(64, 64, about.brandColor).png().toBuffer()],
    ["png", "a photograph", async () => plain(200, 200, about.brandColor).jpeg().toBuffer()],
    ["size", "a megabyte of noise", async () => noise(700)],
    ["margin", "another background", async () => plain(200, 200, "#ffffff").png().toBuffer()],
  ])("%s: %s", async (rule, _, draw) => {
    await expectCaught(`icon:${rule}`, checkIcon(await draw(), about.brandColor));
  });
});
