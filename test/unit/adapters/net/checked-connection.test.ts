import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../../src/domain/app-error.ts";
import {
  checkedConnector,
  type Connect,
  type Resolve,
} from "../../../../src/adapters/net/checked-connection.ts";
import { forbiddenAddressSample, rebindingNames } from "../../../support/hostile-urls.ts";

type Target = Parameters<Connect>[0];

const first = "93.184.215.14";
const second = "2606:4700::1111";
const httpsTarget = (host: string): Target => ({ protocol: "https:", host, hostname: host, port: "" });

/** A connector whose sockets are never opened: it keeps what it was told to open, and fails as told. */
function underTest(answers: readonly (readonly string[])[], failures: readonly (string | undefined)[] = []) {
  const asked: string[] = [];
  const opened: Target[] = [];
  const resolve: Resolve = async (host) => answers[asked.push(host) - 1] ?? [];
  const connect: Connect = (target, callback) => {
    const code = failures[opened.push(target) - 1];
    if (code === undefined) callback(null, new Socket());
    else callback(Object.assign(new Error(`${code} ${target.hostname}:443`), { code }), null);
  };
  const connector = checkedConnector({
    allowlist: ["http://127.0.0.1:9000", "http://[::1]:9000"],
    resolve,
    connect,
  });
  const open = (target: Target) =>
    new Promise<Socket>((settle, reject) => {
      connector(target, (error, socket) => (error ? reject(error) : settle(socket)));
    });
  return { asked, opened, open };
}

async function refusalOf(opening: Promise<Socket>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: "invalidRequest" });
  return (error as AppError).detail;
}

describe("a host whose addresses are all public", () => {
  it("is connected to at the address that was checked, under its own name", async () => {
    const { asked, opened, open } = underTest([[first, second]]);
    await expect(open(httpsTarget("pictures.example"))).resolves.toBeInstanceOf(Socket);
    expect(asked).toEqual(["pictures.example"]);
    expect(opened).toEqual([
      {
        protocol: "https:",
        host: "pictures.example",
        port: "",
        hostname: first,
        servername: "pictures.example",
      },
    ]);
  });

  it("is tried at its next address when one fails, without another look-up", async () => {
    const { asked, opened, open } = underTest([[first, second], ["127.0.0.1"]], ["ECONNREFUSED"]);
    await open(httpsTarget("pictures.example"));
    expect(opened.map(({ hostname }) => hostname)).toEqual([first, second]);
    expect(asked).toHaveLength(1);
  });

  it("is tried at three addresses at most", async () => {
    const { opened, open } = underTest([Array<string>(9).fill(first)], Array<string>(9).fill("ETIMEDOUT"));
    expect(await refusalOf(open(httpsTarget("pictures.example")))).toBe(
      "names a host that can't be reached.",
    );
    expect(opened).toHaveLength(3);
  });

  it("is looked up and checked anew for each connection", async () => {
    const { opened, open } = underTest([[first], ["127.0.0.1"]]);
    await open(httpsTarget("rebinding.example"));
    await refusalOf(open(httpsTarget("rebinding.example")));
    expect(opened.map(({ hostname }) => hostname)).toEqual([first]);
  });
});

describe("no socket is opened", () => {
  it.each(forbiddenAddressSample)("to %j, which a name server answered", async (address) => {
    const { opened, open } = underTest([[address]]);
    expect(await refusalOf(open(httpsTarget("pictures.example")))).toBe(
      "leads to an address that isn't public; only public hosts are connected to.",
    );
    expect(opened).toEqual([]);
  });

  it.each(Object.entries(rebindingNames))("for %s, which answers %j", async (name, addresses) => {
    const { opened, open } = underTest([addresses]);
    expect(await refusalOf(open(httpsTarget(name)))).toContain("isn't public");
    expect(opened).toEqual([]);
  });

  it.each([
    ["another scheme", { ...httpsTarget("pictures.example"), protocol: "http:" }],
    ["another port", { ...httpsTarget("pictures.example"), host: "pictures.example:8443", port: "8443" }],
    ["a number for a host", httpsTarget("93.184.215.14")],
    ["a name of this machine", httpsTarget("localhost")],
  ])("for %s, no matter who asks", async (_what, target) => {
    const { asked, opened, open } = underTest([[first]]);
    await refusalOf(open(target));
    expect([asked, opened]).toEqual([[], []]);
  });
});

it.each([
  ["127.0.0.1", "127.0.0.1:9000"],
  ["::1", "[::1]:9000"],
])("an origin on the allow-list is connected to as it stands, unresolved: %s", async (hostname, host) => {
  const { asked, opened, open } = underTest([]);
  const target = { protocol: "http:", host, hostname, port: "9000" };
  await open(target);
  expect([asked, opened]).toEqual([[], [target]]);
});

describe("what fails is said in plain words", () => {
  it("when a name has no address", async () => {
    const { open } = underTest([[]]);
    expect(await refusalOf(open(httpsTarget("pictures.example")))).toBe("names a host that can't be found.");
  });

  it("when the look-up fails", async () => {
    const connector = checkedConnector({
      allowlist: [],
      resolve: () => Promise.reject(new Error("getaddrinfo ENOTFOUND pictures.example")),
    });
    const opening = new Promise<Socket>((settle, reject) => {
      connector(httpsTarget("pictures.example"), (error, socket) => (error ? reject(error) : settle(socket)));
    });
    expect(await refusalOf(opening)).toBe("names a host that can't be found.");
  });

  it.each([
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ECONNRESET",
    "UND_ERR_CONNECT_TIMEOUT",
  ])("when no connection opens: %s", async (code) => {
    const { open } = underTest([[first]], [code]);
    expect(await refusalOf(open(httpsTarget("pictures.example")))).toBe(
      "names a host that can't be reached.",
    );
  });

  it.each([
    ...["ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "EPROTO"],
    ...["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_SSL_WRONG_VERSION_NUMBER"],
  ])("when the certificate isn't the host's: %s", async (code) => {
    const { open } = underTest([[first]], [code]);
    expect(await refusalOf(open(httpsTarget("pictures.example")))).toBe(
      "names a host that has no valid certificate for that name.",
    );
  });
});
