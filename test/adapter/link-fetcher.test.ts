import type { RequestListener } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../src/adapters/net/public-address.ts";
import { forbiddenAddressSample, hostileUrlList, rebindingNames } from "../support/hostile-urls.ts";
import { everyAnswer, ImageServers, publicAddress } from "../support/image-servers.ts";
import { never } from "../support/image-service.ts";
import { brief, picture, useLinkServers, whole } from "../support/link-servers.ts";

const servers = useLinkServers();

/** `/3` redirects to `/2` and so on; `/0` is the picture. */
const countdown =
  (status: number): RequestListener =>
  ({ url = "" }, response) => {
    const left = Number(url.slice(1));
    if (left === 0) response.end(picture);
    else response.writeHead(status, { location: `/${left - 1}` }).end("moved");
  };

describe("a link", () => {
  it("brings its bytes as they were sent", async () => {
    const reply = await servers.fetched(`${servers.origin()}/file/1?sig=x`);
    expect(reply.kind === "image" && picture.equals(reply.bytes)).toBe(true);
    expect(servers.seen().map(({ url }) => url)).toEqual(["/file/1?sig=x"]);
  });

  it.each([
    ["of the root", "/file/1", "/file/1"],
    ["without a slash", "file/1", "/gateway/file/1"],
    ["of the same host", "//HOST/file/1", "/file/1"],
  ])("relative, %s, is resolved at the endpoint", async (_what, link, path) => {
    const named = link.replace("HOST", new URL(servers.origin()).host);
    const reply = await servers.fetched(named, {}, never, "/gateway");
    expect([brief(reply), servers.seen()[0]?.url]).toEqual([whole, path]);
  });

  it("is asked for with no credential, cookie or trace of where it stood", async () => {
    await servers.fetched(`${servers.origin()}/1`);
    expect(Object.keys(servers.seen()[0]?.headers ?? {}).sort()).toEqual([
      "accept",
      "accept-encoding",
      "connection",
      "host",
      "user-agent",
    ]);
  });

  it("that holds the picture itself is decoded, and nothing is fetched", async () => {
    const link = `data:image/png;base64,${picture.toString("base64")}`;
    expect(brief(await servers.fetched(link))).toBe(whole);
    expect(servers.seen()).toEqual([]);
  });

  it.each([
    ["gzip", gzipSync(picture)],
    ["deflate", deflateSync(picture)],
    ["br", brotliCompressSync(picture)],
  ])("whose server compresses (%s) whatever it was asked for is unpacked", async (encoding, bytes) => {
    servers.serve((_request, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bytes),
    );
    expect(brief(await servers.fetched("/1"))).toBe(whole);
  });

  it("to bytes that nobody knows brings them: judging pictures is another's", async () => {
    servers.serve((_request, response) =>
      response.writeHead(200, { "content-type": "image/gif" }).end("GIF89a…"),
    );
    expect(await servers.fetched("/1")).toMatchObject({ kind: "image" });
  });
});

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("%i is followed", async (status) => {
    servers.serve(countdown(status));
    expect(brief(await servers.fetched("/1"))).toBe(whole);
  });

  it("is followed three times and no more", async () => {
    servers.serve(countdown(302));
    expect(brief(await servers.fetched("/3"))).toBe(whole);
    expect(brief(await servers.fetched("/4"))).toBe("lost: The image's link redirects more than 3 times.");
  });

  it("to itself ends", async () => {
    servers.serve(({ url = "" }, response) => response.writeHead(302, { location: url }).end());
    expect(brief(await servers.fetched("/1"))).toContain("redirects more than 3 times");
    expect(servers.seen()).toHaveLength(4);
  });

  it("that names no place is late", async () => {
    servers.serve((_request, response) => response.writeHead(302).end());
    expect(brief(await servers.fetched("/1"))).toBe("late 0: The image's link answered 302.");
  });

  it.each([
    ["a private address", (port: string) => `http://127.0.0.1:${port}/secret`, "isn't public"],
    ["a private name", (port: string) => `http://localhost:${port}/secret`, "isn't public"],
    ["the metadata endpoint", () => "http://169.254.169.254/metadata/identity", "isn't public"],
    ["a name that is private in the end", (port: string) => `http://sly.example:${port}/`, "isn't public"],
    ["a file", () => "file:///etc/passwd", "is no web address"],
    ["a user's address", (port: string) => `http://a:s3cret@127.0.0.1:${port}/`, "user name or password"],
    ["nowhere", () => "http://[", "is no web address"],
    ["a blank", () => " ", "is no web address"],
  ])("to %s is lost, and no socket is opened there", async (_what, location, why) => {
    const to = location(new URL(servers.strangerOrigin()).port);
    servers.serve((_request, response) => response.writeHead(302, { location: to }).end());
    const reply = brief(await servers.fetched("/1", { resolve: everyAnswer("127.0.0.1") }));
    expect(reply).toMatch(/^lost: The image's link /);
    expect(reply).toContain(why);
    expect(reply).not.toMatch(/127|169|localhost|s3cret|sly/);
    expect(servers.strangerConnections()).toBe(0);
  });

  it("to an origin of the allow-list is followed", async () => {
    servers.serve((_request, response) =>
      response.writeHead(302, { location: `${servers.strangerOrigin()}/1` }).end(),
    );
    expect(brief(await servers.fetched("/1", { allowlist: [servers.strangerOrigin()] }))).toBe(whole);
    expect(servers.strangerConnections()).toBe(1);
  });
});

describe("another host", () => {
  it.each([
    ["this machine", "http://127.0.0.1:PORT/"],
    ["this machine in six bytes", "http://[::1]:PORT/"],
    ["this machine by number", "http://2130706433:PORT/"],
    ["this machine by IPv6 in disguise", "http://[::ffff:127.0.0.1]:PORT/"],
    ["the metadata endpoint", "http://169.254.169.254/metadata/instance"],
    ["Azure's own address", "http://168.63.129.16/"],
    ["a private network", "https://10.0.0.4/"],
    ["a name inside it", "https://storage.internal/"],
    ["a name that leads there", "https://sly.example:PORT/"],
  ])("that is %s is lost, and no socket is opened", async (_what, link) => {
    const { port } = new URL(servers.strangerOrigin());
    const reply = await servers.fetched(link.replace("PORT", port), { resolve: everyAnswer("127.0.0.1") });
    expect(brief(reply)).toMatch(/^lost: .*isn't public/);
    expect(servers.strangerConnections()).toBe(0);
  });

  it.each(["file:///etc/passwd", "ftp://pictures.example/1", "blob:https://a.example/1", "javascript:1"])(
    "of another kind (%s) is lost",
    async (link) => {
      expect(brief(await servers.fetched(link))).toBe("lost: The image's link is no web address.");
    },
  );

  it("that can't be found now may be found later", async () => {
    const reply = await servers.fetched("https://pictures.example/1", { resolve: everyAnswer() });
    expect(brief(reply)).toBe("late 0: The image's link names a host that can't be found.");
  });

  it("that is public is fetched over TLS, at the address that was checked", async () => {
    const internet = await ImageServers.start();
    try {
      internet.handle = (_request, response) => response.end(picture);
      const connect = internet.internet(internet.certificate);
      const options = { connect, resolve: everyAnswer(publicAddress) };
      expect(brief(await servers.fetched("https://pictures.example/1?se=…&sig=…", options))).toBe(whole);
    } finally {
      internet.stop();
    }
  });

  it.each([
    ["http", `http://${publicAddress}/1`],
    ["another port", "http://pictures.example:8080/1"],
  ])("that is public by %s is fetched", async (_what, link) => {
    const opened: string[] = [];
    const reply = await servers.fetched(link, {
      resolve: everyAnswer(publicAddress),
      connect: (target, callback) => {
        opened.push(target.hostname);
        callback(new Error("cut off here"), null);
      },
    });
    expect([opened, reply.kind]).toEqual([[publicAddress], "late"]);
  });
});

describe("a socket", () => {
  /** Every address but the service's own that is connected to; none of them answers. */
  async function opened(link: string, answers: readonly string[]): Promise<string[]> {
    const targets: string[] = [];
    await servers.fetched(link, {
      resolve: everyAnswer(...answers),
      connect: (target, callback) => {
        if (target.port !== new URL(servers.origin()).port) targets.push(target.hostname);
        callback(new Error("cut off here"), null);
      },
    });
    return targets;
  }

  it.each(hostileUrlList.map((url) => [url.slice(0, 80), url]))(
    "is opened to public addresses alone, for %j",
    async (_shown, url) => {
      expect((await opened(url, ["127.0.0.1"])).filter((address) => !isPublicAddress(address))).toEqual([]);
    },
  );

  it.each(forbiddenAddressSample)("is opened for no name that is looked up as %j", async (address) => {
    expect(await opened("http://pictures.example/", [address])).toEqual([]);
  });

  it.each(Object.entries(rebindingNames))("is not opened for %s", async (name, addresses) => {
    expect(await opened(`https://${name}/`, addresses)).toEqual([]);
  });
});
