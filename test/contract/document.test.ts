import { Validator } from "@seriousme/openapi-schema-validator";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  editRequest,
  editParams,
  generationBody,
  sidecar,
  uploadRequest,
} from "../../src/contracts/requests.ts";
import { errorCodes } from "../../src/domain/app-error.ts";
import { anApp } from "../support/app.ts";
import { document, misfits, operationOf, pathOf } from "../support/schemas.ts";

const { endpoints } = anApp();

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect([errors, valid]).toEqual([undefined, true]);
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it("has every route of the app, and no other", () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = Object.values(endpoints).map((endpoint) => `${endpoint.method} ${pathOf(endpoint)}`);
    expect(documented.sort()).toEqual(served.sort());
  });

  it("is held against all that index.ts registers", () => {
    const index = readFileSync(new URL("../../src/index.ts", import.meta.url), "utf8");
    const registered = [...index.matchAll(/^http\((\w+)\(/gm)].map(([, name]) => name);
    expect(registered.sort()).toEqual(Object.keys(endpoints).sort());
  });

  it.each(Object.values(endpoints))("says of $name who may call it", (endpoint) => {
    const operation = operationOf(endpoint);
    const security = operation?.security ?? document.security;
    const withoutCredentials = security.length === 0 || security.some((way) => Object.keys(way).length === 0);
    expect(withoutCredentials).toBe(endpoint.access !== "caller");
    expect("401" in (operation?.responses ?? {})).toBe(endpoint.access !== "public");
  });

  it.each(Object.values(endpoints))("names the parameters in the path of $name", (endpoint) => {
    const inPath = [...pathOf(endpoint).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = operationOf(endpoint)?.parameters?.filter((parameter) => parameter.in === "path") ?? [];
    expect(declared.map(({ name }) => name)).toEqual(inPath);
    expect(declared.every(({ required }) => required === true)).toBe(true);
  });

  it("calls every operation by a name of its own", () => {
    const names = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("describes each thing once, whether it is read in a reply or in a webhook's message", () => {
    expect(Object.keys(document.components.schemas).filter((name) => name.endsWith("Output"))).toEqual([]);
  });

  it("knows every code an error may have", () => {
    const error = (code: string) => ({ error: { code, message: "m", retryable: false, request_id: "r" } });
    for (const code of Object.keys(errorCodes))
      expect(misfits(error(code), "components", "schemas", "Error")).toEqual([]);
    expect(misfits(error("other"), "components", "schemas", "Error")).not.toEqual([]);
  });

  it("tells a client the same bounds that the app keeps", () => {
    for (const n of [0, 1, 10, 11, 1.5, "2"]) {
      const body = { prompt: "a cat", n };
      const fits = misfits(body, "components", "schemas", "GenerationBody").length === 0;
      expect([n, fits]).toEqual([n, generationBody.safeParse(body).success]);
    }
  });
});

describe("requests of edits are bounded in the document as in the app:", () => {
  const upload = { upload_id: "upl_x" };
  const sources = (count: number) => Array.from({ length: count }, () => upload);
  const imageParams = { prompt: "a hat" };

  it.each([
    ["EditRequest", editRequest, [0, 1, 16, 17].map((count) => ({ ...imageParams, images: sources(count) }))],
    [
      "EditRequest",
      editRequest,
      [imageParams, { images: sources(1) }, { ...imageParams, images: [{ ...upload, file: "x" }] }],
    ],
    [
      "EditRequest",
      editRequest,
      ["low", true].map((value) => ({ ...imageParams, images: sources(1), mask_invert: value })),
    ],
    [
      "EditRequest",
      editRequest,
      ["resize", "fit"].map((mode) => ({ ...imageParams, images: sources(1), mask_mode: mode })),
    ],
    ["EditParams", editParams, [imageParams, { ...imageParams, images: sources(1) }]],
    [
      "UploadRequest",
      uploadRequest,
      [{}, { expects: [] }, { expects: ["video"] }, { on_complete: imageParams }, { on_complete: {} }],
    ],
    [
      "UploadRequest",
      uploadRequest,
      [17, 18].map((n) => ({ expects: ["mask", ...Array.from({ length: n - 1 }, () => "image")] })),
    ],
  ] as const)("%s", (name, schema, bodies) => {
    for (const body of bodies) {
      const fits = misfits(body, "components", "schemas", name).length === 0;
      expect([body, fits]).toEqual([body, schema.safeParse(body).success]);
    }
  });

  it("a sidecar is an edit whose files are named", () => {
    expect(sidecar.safeParse({ ...imageParams, image: "a.png", mask: "m.png" }).success).toBe(true);
    expect(Object.keys(sidecar.shape).filter((field) => !(field in editParams.shape))).toEqual([
      "image",
      "mask",
    ]);
  });
});

/** Every schema in the document that brings examples, with where it stands. */
function withExamples(node: unknown, place: string[] = []): [string, string[], unknown[]][] {
  if (typeof node !== "object" || node === null) return [];
  const here: [string, string[], unknown[]][] =
    "examples" in node && Array.isArray(node.examples)
      ? [[place.join("/"), place, node.examples as unknown[]]]
      : [];
  return [...here, ...Object.entries(node).flatMap(([key, value]) => withExamples(value, [...place, key]))];
}

describe("examples", () => {
  const all = withExamples(document);

  it("are there", () => {
    expect(all.length).toBeGreaterThan(8);
  });

  it.each(all)("at %s fit their schema", (_name, place, examples) => {
    for (const example of examples) expect(misfits(example, ...place)).toEqual([]);
  });

  it("of a request's fields make a request that is accepted", () => {
    const { properties } = document.components.schemas["GenerationBody"] as {
      properties: Record<string, { examples?: unknown[] }>;
    };
    const body = Object.fromEntries(
      Object.entries(properties).flatMap(([name, { examples }]) => (examples ? [[name, examples[0]]] : [])),
    );
    expect(generationBody.safeParse(body)).toMatchObject({ success: true });
  });
});
