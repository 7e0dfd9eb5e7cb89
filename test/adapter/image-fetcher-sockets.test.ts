import { Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type MockInstance,
  vi,
} from "vitest";
import {
  forbiddenAddressSample,
  hostileRedirects,
  hostileUrlSample,
  rebindingNames,
  redirectStatuses,
} from "../support/hostile-urls.ts";
import {
  everyAnswer,
  type Handler,
  ImageServers,
  picture,
  publicAddress,
  refusalOf,
  refusalWith,
  type Target,
} from "../support/image-servers.ts";

let servers: ImageServers;
let connecting: MockInstance;

beforeAll(async () => {
  servers = await ImageServers.start();
});
afterAll(() => servers.stop());

/** Every socket that this process opens, TLS or not, passes this one method. */
beforeEach(() => {
  servers.reset();
  connecting = vi.spyOn(Socket.prototype, "connect");
});
afterEach(() => connecting.mockRestore());

/** Opened here, and arrived there. */
const sockets = () => [connecting.mock.calls.length, servers.accepted];

describe("the count of sockets", () => {
  it("counts a plain connection, here and where it arrives", async () => {
    expect((await servers.fetched(`${servers.origin}/cat.png`)).equals(picture)).toBe(true);
    expect(sockets()).toEqual([1, 1]);
  });

  it("counts a secure connection, here and where it arrives", async () => {
    const socket = connectSecurely({
      host: "127.0.0.1",
      port: servers.securePort,
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    socket.destroy();
    expect(sockets()).toEqual([1, 1]);
  });

  it("counts what the connector of these tests lets through to loopback", async () => {
    const options = { connect: servers.internet(servers.certificate), resolve: everyAnswer(publicAddress) };
    await servers.fetched("https://pictures.example/", options);
    expect(sockets()).toEqual([1, 1]);
  });
});

describe("no socket is opened", () => {
  afterEach(() => {
    expect(sockets()).toEqual([0, 0]);
  });

  it.each(hostileUrlSample.map((url) => [url.slice(0, 80), url]))("for %j", async (_shown, url) => {
    const { code, detail } = await refusalOf(servers.fetched(url, { resolve: everyAnswer("127.0.0.1") }));
    expect(code).toBe("invalidRequest");
    expect(detail).not.toContain("s3cret");
  });

  it.each(forbiddenAddressSample)("for a name that is looked up as %j", async (address) => {
    const fetching = servers.fetched("https://pictures.example/", { resolve: everyAnswer(address) });
    expect((await refusalOf(fetching)).detail).toContain("isn't public");
  });

  it.each(Object.entries(rebindingNames))("for %s", async (name, addresses) => {
    const fetching = servers.fetched(`https://${name}/`, { resolve: everyAnswer(...addresses) });
    expect((await refusalOf(fetching)).detail).toContain("isn't public");
  });

  it("for a caller who has left", async () => {
    await expect(servers.fetched(undefined, {}, AbortSignal.abort(new Error("left")))).rejects.toThrow(
      "left",
    );
  });
});

describe("a host over TLS", () => {
  it("is connected to at the checked address, and proves its own name", async () => {
    const seen: Target[] = [];
    const options = {
      connect: servers.internet(servers.certificate, seen),
      resolve: everyAnswer(publicAddress),
    };
    expect((await servers.fetched("https://pictures.example/cat.png", options)).equals(picture)).toBe(true);
    expect(seen).toMatchObject([{ hostname: publicAddress, servername: "pictures.example" }]);
  });

  it("is refused when its certificate is another's", async () => {
    const options = { connect: servers.internet(servers.certificate), resolve: everyAnswer(publicAddress) };
    expect(await refusalOf(servers.fetched("https://paintings.example/", options))).toEqual(
      refusalWith("names a host that has no valid certificate for that name."),
    );
  });

  it("is refused when nobody known vouches for its certificate", async () => {
    const options = { connect: servers.internet(undefined), resolve: everyAnswer(publicAddress) };
    expect(await refusalOf(servers.fetched("https://pictures.example/", options))).toEqual(
      refusalWith("names a host that has no valid certificate for that name."),
    );
  });

  it("is looked up anew when it redirects, and refused when it has moved to this machine", async () => {
    servers.handle = (_request, response) => response.writeHead(302, { location: "/again" }).end();
    const answers = [[publicAddress], ["127.0.0.1"]];
    const options = {
      connect: servers.internet(servers.certificate),
      resolve: async () => answers.shift() ?? [],
    };
    expect((await refusalOf(servers.fetched("https://pictures.example/", options))).detail).toContain(
      "isn't public",
    );
    expect([...sockets(), answers.length]).toEqual([1, 1, 0]);
  });
});

describe("a redirect", () => {
  const redirecting =
    (status: number, location: (path: string) => string | undefined): Handler =>
    ({ url = "" }, response) => {
      const to = location(url);
      if (to === undefined) response.end(picture);
      else response.writeHead(status, { location: to }).end("moved");
    };

  it.each(redirectStatuses)("%i is followed on the same host", async (status) => {
    servers.handle = redirecting(status, (path) => (path === "/" ? "/cat.png" : undefined));
    expect((await servers.fetched()).equals(picture)).toBe(true);
  });

  it("is followed three times and no more", async () => {
    const countdown = (path: string) => (path === "/0" ? undefined : `/${Number(path.slice(1)) - 1}`);
    servers.handle = redirecting(302, countdown);
    expect((await servers.fetched(`${servers.origin}/3`)).equals(picture)).toBe(true);
    expect((await refusalOf(servers.fetched(`${servers.origin}/4`))).detail).toContain(
      "redirects more than 3 times",
    );
  });

  it("to itself ends", async () => {
    servers.handle = redirecting(301, (path) => path);
    expect((await refusalOf(servers.fetched())).detail).toContain("redirects more than 3 times");
    expect(servers.accepted).toBe(4);
  });

  it.each(
    hostileRedirects.flatMap((location) => redirectStatuses.map((status) => [status, location] as const)),
  )("%i to %j is refused, and nothing is opened there", async (status, location) => {
    servers.handle = redirecting(status, () => location);
    const { code, detail } = await refusalOf(
      servers.fetched(undefined, { resolve: everyAnswer("127.0.0.1") }),
    );
    expect(code).toBe("invalidRequest");
    expect(detail).toMatch(/^redirects to (another host, scheme or port; give the address|nowhere\.$)/);
    expect(sockets()).toEqual([1, 1]);
  });

  it.each([
    ["to another origin on the allow-list", () => `http://localhost:${servers.plainPort}/`, "another host"],
    ["to another port", () => `http://127.0.0.1:${servers.securePort}/`, "another host, scheme or port"],
    ["to another scheme", () => `https://127.0.0.1:${servers.plainPort}/`, "another host, scheme or port"],
    ["with a password", () => `http://a:b@127.0.0.1:${servers.plainPort}/`, "no user name or password"],
    ["to an inner address", () => `blob:${servers.origin}/1`, "must begin with https"],
  ])("%s is refused", async (_what, location, why) => {
    servers.handle = redirecting(302, location);
    const allowlist = [servers.origin, `http://localhost:${servers.plainPort}`];
    expect((await refusalOf(servers.fetched(undefined, { allowlist }))).detail).toContain(why);
  });
});
