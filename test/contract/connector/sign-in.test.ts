import { describe, expect, it } from "vitest";
import { isObject, listAt, objectAt, textAt } from "../../../scripts/connector/json.ts";
import { hashOf, keyAuthenticator } from "../../support/authenticator.ts";
import type { Authenticator } from "../../../src/ports/callers.ts";
import { committed } from "../../support/connector-package.ts";

/** What reaches the app by each way to connect, as the property file has it, and whom the app's authenticator takes it for. */

const properties = objectAt(committed("apiProperties.json"), "properties");
const definition = committed("apiDefinition.swagger.json");
const apiKeys = new Map([["flow", hashOf("flow-key")]]);
const onlyKeys = keyAuthenticator({ apiKeys, trustsEntraHeader: false });
const behindAppService = keyAuthenticator({ apiKeys, trustsEntraHeader: true });

const policy = (templateId: string) =>
  objectAt(
    listAt(properties, "policyTemplateInstances").find(
      (found) => isObject(found) && found["templateId"] === templateId,
    ),
    "parameters",
  );
const written = (templateId: string, name: string) =>
  textAt(policy(templateId), `x-ms-apimTemplateParameter.${name}`) ?? "";

/** A policy's text with the connection's own values, as the gateway puts them in. */
const filled = (text: string, connection: Record<string, string>) =>
  text.replace(
    /@connectionParameters\('([^']*)'(?:,'([^']*)')?\)/g,
    (_, name: string, otherwise?: string) => connection[name] ?? otherwise ?? "",
  );
const sentBy = (connection: Record<string, string>) =>
  new Headers({ [written("setheader", "name")]: filled(written("setheader", "value"), connection) });
const callerBy = async (authenticator: Authenticator, headers: Headers) =>
  (await authenticator.identify(headers))?.caller;
const principal = (claims: Record<string, string>) =>
  btoa(JSON.stringify({ claims: Object.entries(claims).map(([typ, val]) => ({ typ, val })) }));

describe("a connection by key", () => {
  it.each(["flow-key", "Bearer flow-key", " flow-key "])("is the key's caller: %j", async (api_key) => {
    expect(await callerBy(onlyKeys, sentBy({ api_key }))).toBe("key:flow");
    expect(await callerBy(behindAppService, sentBy({ api_key }))).toBe("key:flow");
  });

  it("sends it where the definition says that it is sent", () => {
    expect(written("setheader", "name")).toBe(
      textAt(objectAt(objectAt(definition, "securityDefinitions"), "apiKey"), "name"),
    );
  });
});

describe("a connection by Entra", () => {
  // The gateway adds the token; App Service takes it, and puts the sign-in it found in the place of whatever was there.
  const headers = sentBy({});
  headers.set("authorization", "Bearer eyJ0eXAiOiJKV1QifQ.e30.x");

  it("is the one who App Service says has signed in, though the header of keys comes empty", async () => {
    const signedIn = new Headers(headers);
    signedIn.set("x-ms-client-principal", principal({ oid: "ann", tid: "contoso" }));
    expect(await callerBy(behindAppService, signedIn)).toBe("entra:contoso:ann");
    expect(await callerBy(onlyKeys, signedIn)).toBeUndefined();
  });

  it("is nobody where App Service did not take the token", async () => {
    expect(await callerBy(behindAppService, headers)).toBeUndefined();
  });
});

it("either calls the app under the address of the connection, base path and all", () => {
  const template = written("dynamichosturl", "urlTemplate");
  const basePath = textAt(definition, "basePath") ?? "";
  expect(filled(template, { siteUrl: "https://mine.example" })).toBe(`https://mine.example${basePath}`);
  expect(filled(template, {})).toBe(`https://${textAt(definition, "host") ?? ""}${basePath}`);
});
