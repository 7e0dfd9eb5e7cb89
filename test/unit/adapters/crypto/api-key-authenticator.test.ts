import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf, keyAuthenticator } from "../../../support/authenticator.ts";

const apiKeys = new Map([
  ["phone", hashOf("phone-key")],
  ["web", hashOf("web-key").toUpperCase()],
]);
const keysOnly = keyAuthenticator({ apiKeys, trustsEntraHeader: false });
const withEntra = keyAuthenticator({ apiKeys, trustsEntraHeader: true });
const identify = async (headers: Record<string, string>, authenticator = keysOnly) =>
  (await authenticator.identify(new Headers(headers)))?.caller;

describe("a key", () => {
  it.each([
    [{ "api-key": "phone-key" }, "key:phone"],
    [{ "api-key": "web-key" }, "key:web"],
    [{ "Api-Key": " phone-key " }, "key:phone"],
    [{ authorization: "Bearer phone-key" }, "key:phone"],
    [{ authorization: "bearer  web-key" }, "key:web"],
    [{ "api-key": "Bearer phone-key" }, "key:phone"],
    [{ "api-key": "phone-key", authorization: "Bearer wrong" }, "key:phone"],
  ])("in %j is %s", async (headers, caller) => {
    expect(await identify(headers)).toBe(caller);
  });

  it.each([
    [{}],
    [{ "api-key": "" }],
    [{ "api-key": "Bearer " }],
    [{ "api-key": "wrong" }],
    [{ "api-key": "PHONE-KEY" }],
    [{ "api-key": "phone-key2" }],
    [{ "api-key": hashOf("phone-key") }],
    [{ "api-key": "phone" }],
    [{ authorization: "" }],
    [{ authorization: "Bearer" }],
    [{ authorization: "Bearer wrong" }],
    [{ authorization: "Basic phone-key" }],
    [{ authorization: "phone-key" }],
    [{ authorization: "Bearer phone-key extra" }],
    [{ "x-functions-key": "phone-key" }],
    [{ cookie: "api-key=phone-key" }],
  ])("in %j is nobody's", async (headers) => {
    expect(await identify(headers)).toBeUndefined();
  });

  it("that is wrong isn't made good by a right one elsewhere", async () => {
    expect(await identify({ "api-key": "wrong", authorization: "Bearer phone-key" })).toBeUndefined();
  });

  it("that is empty is nobody's, even where the hash of nothing is configured", async () => {
    const careless = keyAuthenticator({
      apiKeys: new Map([["anyone", hashOf("")]]),
      trustsEntraHeader: false,
    });
    for (const headers of [{ "api-key": "" }, { "api-key": "Bearer " }, {}])
      expect(await identify(headers, careless)).toBeUndefined();
  });

  it("is nobody's when it is chance", async () => {
    const header = fc.stringMatching(/^[ -~]{0,80}$/);
    await fc.assert(
      fc.asyncProperty(header, async (key) => (await identify({ "api-key": key })) === undefined),
    );
  });
});

describe("a sign-in", () => {
  const oid = "http://schemas.microsoft.com/identity/claims/objectidentifier";
  const tid = "http://schemas.microsoft.com/identity/claims/tenantid";
  const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
  const claims = (...pairs: [string, string][]) => ({ claims: pairs.map(([typ, val]) => ({ typ, val })) });
  const signedIn = (value: unknown) => ({ "x-ms-client-principal": header(value) });

  it.each([
    [claims([oid, "user-1"], [tid, "tenant-1"]), "entra:tenant-1:user-1"],
    [claims(["oid", "user-1"], ["tid", "tenant-1"]), "entra:tenant-1:user-1"],
    [claims(["name", "Ann"], ["oid", "user-1"]), "entra:common:user-1"],
  ])("as %j is the user of that tenant", async (principal, caller) => {
    expect(await identify(signedIn(principal), withEntra)).toBe(caller);
  });

  it("is believed only where the platform checks sign-ins: anyone can send the header", async () => {
    expect(await identify(signedIn(claims(["oid", "user-1"])))).toBeUndefined();
  });

  it("comes before a key, and a key does where there is none", async () => {
    const key = { "api-key": "phone-key" };
    expect(await identify({ ...signedIn(claims(["oid", "user-1"])), ...key }, withEntra)).toBe(
      "entra:common:user-1",
    );
    expect(await identify(key, withEntra)).toBe("key:phone");
  });

  it.each([
    ["", "nothing"],
    ["%%%not base64%%%", "no base64"],
    [Buffer.from("{not json").toString("base64"), "no JSON"],
    [Buffer.from([0xff, 0xfe, 0x00]).toString("base64"), "no text"],
    [header(null), "null"],
    [header([]), "an array"],
    [header({}), "no claims"],
    [header({ claims: "oid" }), "claims that are text"],
    [header({ claims: [{ typ: "oid" }] }), "a claim without a value"],
    [header({ claims: [{ typ: "oid", val: 7 }] }), "a claim that is a number"],
    [header({ claims: [{ typ: "oid", val: "" }] }), "an empty user"],
    [header(claims(["name", "Ann"])), "no user"],
    [header({ userId: "user-1" }), "a user outside its claims"],
  ])("of %j is nobody: it holds %s", async (value) => {
    expect(await identify({ "x-ms-client-principal": value }, withEntra)).toBeUndefined();
  });

  it("that is no sign-in doesn't stand in the way of a key", async () => {
    expect(await identify({ "x-ms-client-principal": "x", "api-key": "phone-key" }, withEntra)).toBe(
      "key:phone",
    );
  });

  it("is never taken for the holder of a key", async () => {
    const caller = await identify(signedIn(claims(["oid", "phone"])), withEntra);
    expect(caller).not.toBe(await identify({ "api-key": "phone-key" }));
  });
});
