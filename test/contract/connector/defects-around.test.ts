import { randomBytes } from "node:crypto";
import { describe, it } from "vitest";
import sharp from "sharp";
import { about } from "../../../scripts/connector/about.ts";
import { checkIcon } from "../../../scripts/connector/check/icon.ts";
import { checkPropertiesReferences } from "../../../scripts/connector/check/properties-references.ts";
import { checkPropertiesShape } from "../../../scripts/connector/check/shapes.ts";
import * as sow from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";

const definition = committed("apiDefinition.swagger.json");
const properties = committed("apiProperties.json");

describe("caught in the property file", () => {
  const inside = (p: sow.Tree) => p["properties"] as sow.Tree;
  const set = (p: sow.Tree, index: number) =>
    inside(p)["connectionParameterSets"]!["values"]![String(index)] as sow.Tree;
  const key = (p: sow.Tree) => set(p, 0)["parameters"]!["api_key"] as sow.Tree;
  const oauth = (p: sow.Tree) => set(p, 1)["parameters"]!["token"]!["oAuthSettings"] as sow.Tree;
  const policy = (p: sow.Tree) => inside(p)["policyTemplateInstances"]!["0"] as sow.Tree;
  const sending = (p: sow.Tree) => inside(p)["policyTemplateInstances"]!["1"] as sow.Tree;
  sow.catches(
    "properties-schema",
    checkPropertiesShape,
    [
      ["not", "the colour of everybody", (p) => sow.put(inside(p), { iconBrandColor: "#007ee5" })],
      [
        "const",
        "a key that is shown",
        (p) => sow.put(key(p)["uiDefinition"]!["constraints"], { clearText: true }),
      ],
      [
        "enum",
        "a truth that isn't a text",
        (p) => sow.put(key(p)["uiDefinition"]!["constraints"], { required: true }),
      ],
      ["additionalProperties", "a secret", (p) => sow.put(oauth(p), { clientSecret: "x" })],
      ["const", "a redirect to elsewhere", (p) => sow.put(oauth(p), { redirectUrl: "https://example.com" })],
      ["enum", "a template that there is not", (p) => sow.put(policy(p), { templateId: "dynamichost" })],
      [
        "required",
        "no address to go to",
        (p) => sow.drop(policy(p)["parameters"], "x-ms-apimTemplateParameter.urlTemplate"),
      ],
      [
        "anyOf",
        "no way to connect",
        (p) => {
          sow.drop(inside(p), "connectionParameterSets");
          sow.drop(inside(p), "connectionParameters");
        },
      ],
    ],
    properties,
  );

  sow.catches(
    "references",
    (changed) => checkPropertiesReferences(changed, definition),
    [
      [
        "policy-operation",
        "an operation that there is not",
        (p) => sow.listIn(policy(p)["parameters"], "x-ms-apimTemplate-operationName").push("MakeImage"),
      ],
      [
        "policy-operation",
        "an operation that calls the wrong host",
        (p) => sow.listIn(policy(p)["parameters"], "x-ms-apimTemplate-operationName").pop(),
      ],
      [
        "policy-base-path",
        "an address that stops at the host",
        (p) =>
          sow.put(policy(p)["parameters"], {
            "x-ms-apimTemplateParameter.urlTemplate": "@connectionParameters('siteUrl')",
          }),
      ],
      [
        "policy-parameter",
        "a key that nobody is asked for",
        (p) => sow.drop(set(p, 0)["parameters"], "api_key"),
      ],
      [
        "policy-header",
        "a key in a header that the app doesn't read",
        (p) => sow.put(sending(p)["parameters"], { "x-ms-apimTemplateParameter.name": "x-api-key" }),
      ],
      [
        "entra-resource",
        "a token for something else",
        (p) =>
          sow.put(oauth(p)["customParameters"]!["resourceUri"], { value: "https://graph.microsoft.com" }),
      ],
      [
        "entra-tenant",
        "a sign-in of no known tenant",
        (p) => sow.drop(set(p, 1)["parameters"], "token:TenantId"),
      ],
      [
        "entra-tenant",
        "a tenant that users are asked for",
        (p) => sow.drop(set(p, 1)["parameters"]!["token:TenantId"]!["uiDefinition"], "constraints"),
      ],
      [
        "set-required",
        "a key that may be empty",
        (p) => sow.drop(key(p)["uiDefinition"]!["constraints"], "required"),
      ],
    ],
    properties,
  );
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
    await sow.expectCaught(`icon:${rule}`, checkIcon(await draw(), about.brandColor));
  });
});
