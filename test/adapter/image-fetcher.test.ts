import { getEventListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  drained,
  everyAnswer,
  type Handler,
  ImageServers,
  maximumBytes,
  picture,
  publicAddress,
  refusalOf,
  refusalWith,
} from "../support/image-servers.ts";

let servers: ImageServers;

beforeAll(async () => {
  servers = await ImageServers.start();
});
afterAll(() => servers.stop());
beforeEach(() => servers.reset());
afterEach(() => {
  vi.restoreAllMocks();
});

/** The timers of these lengths, told from others' by them. */
function watchTimers(...lengths: number[]) {
  const set = vi.spyOn(globalThis, "setTimeout");
  const clear = vi.spyOn(globalThis, "clearTimeout");
  const timers = () =>
    set.mock.calls
      .map(([, ms = 0], call) => ({ ms, timer: set.mock.results[call]?.value as unknown }))
      .filter(({ ms }) => lengths.includes(ms));
  const isRunning = ({ timer }: { timer: unknown }) => clear.mock.calls.every(([other]) => other !== timer);
  return {
    started: () => timers().map(({ ms }) => ms),
    running: () =>
      timers()
        .filter(isRunning)
        .map(({ ms }) => ms),
  };
}

describe("a request", () => {
  it("asks for images as they are, and brings no cookie, no credential and no fragment", async () => {
    let asked: IncomingMessage | undefined;
    servers.handle = (request, response) => {
      asked = request;
      response.writeHead(200, { "set-cookie": "a=1" }).end();
    };
    await servers.fetched(`${servers.origin}/cat.png?sig=1#top`);
    await servers.fetched(`${servers.origin}/cat.png?sig=1#top`);
    expect([asked?.method, asked?.url]).toEqual(["GET", "/cat.png?sig=1"]);
    expect(asked?.headers).toEqual({
      host: servers.origin.slice("http://".length),
      connection: "close",
      accept: "image/png, image/jpeg, image/webp, image/*;q=0.5",
      "accept-encoding": "identity",
      "user-agent": "Darkroom",
    });
  });

  it("goes through no proxy that the environment names", async () => {
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
      vi.stubEnv(name, `http://127.0.0.1:${servers.securePort}`);
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    try {
      expect((await servers.fetched()).equals(picture)).toBe(true);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("an answer", () => {
  it.each([201, 203, 204, 206, 300, 302, 304, 400, 401, 403, 404, 410, 429, 500, 503])(
    "of %i is refused by its number",
    async (status) => {
      servers.handle = (_request, response) => response.writeHead(status).end();
      expect(await refusalOf(servers.fetched())).toEqual(
        refusalWith(`answered ${status}; only 200 brings an image.`),
      );
    },
  );

  it.each(["text/html", "text/html; charset=utf-8", "TEXT/HTML", " application/xhtml+xml"])(
    "of the type %s is a web page",
    async (type) => {
      servers.handle = (_request, response) => response.writeHead(200, { "content-type": type }).end("<p>");
      expect(await refusalOf(servers.fetched())).toEqual(refusalWith("is a web page, not an image."));
    },
  );

  it.each(["image/png", "application/octet-stream", "text/plain", ""])(
    "of the type %j is read",
    async (type) => {
      servers.handle = (_request, response) => response.writeHead(200, { "content-type": type }).end(picture);
      expect((await servers.fetched()).equals(picture)).toBe(true);
    },
  );

  it.each(["gzip", "br", "deflate", "zstd", "gzip, gzip", "identity, gzip", "x-unknown"])(
    "sent as %s is refused and not unpacked",
    async (encoding) => {
      servers.handle = (_request, response) =>
        response.writeHead(200, { "content-encoding": encoding }).end(gzipSync(picture));
      expect((await refusalOf(servers.fetched())).detail).toContain("is sent compressed (content-encoding)");
    },
  );

  it("sent as identity is read", async () => {
    servers.handle = (_request, response) =>
      response.writeHead(200, { "content-encoding": "Identity" }).end(picture);
    expect((await servers.fetched()).equals(picture)).toBe(true);
  });

  it("that is no HTTP is refused in plain words", async () => {
    servers.handle = ({ socket }) => void socket.end("220 mail.internal ESMTP\r\n");
    expect(await refusalOf(servers.fetched())).toEqual(refusalWith("gave no answer that can be read."));
  });

  it("with endless headers is refused", async () => {
    servers.handle = ({ socket }) => void socket.end(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}\r\n\r\n`);
    expect(await refusalOf(servers.fetched())).toEqual(refusalWith("gave no answer that can be read."));
  });

  it("from nobody is refused without its address", async () => {
    const allowlist = ["http://127.0.0.1:1"];
    expect(await refusalOf(servers.fetched("http://127.0.0.1:1/", { allowlist }))).toEqual(
      refusalWith("names a host that can't be reached."),
    );
  });
});

describe("bytes", () => {
  const tooLarge = { code: "tooLarge", detail: "is larger than 1 MB." };

  it("up to the limit arrive", async () => {
    servers.handle = (_request, response) => response.end(Buffer.alloc(maximumBytes));
    expect(await servers.fetched()).toHaveLength(maximumBytes);
  });

  it("beyond the limit are refused by their declared length, before any is read", async () => {
    servers.handle = (_request, response) =>
      response.writeHead(200, { "content-length": maximumBytes + 1 }).flushHeaders();
    expect(await refusalOf(servers.fetcherWith().open(servers.origin))).toEqual(tooLarge);
  });

  it("beyond the limit that nobody declared are refused where they pass it", async () => {
    let closed: Promise<void> | undefined;
    servers.handle = (_request, response) => {
      closed = new Promise((resolve) => response.on("close", resolve));
      const more = () => {
        while (!response.destroyed && response.write(picture));
      };
      response.on("drain", more);
      more();
    };
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of await servers.fetcherWith().open(servers.origin)) seen += chunk.byteLength;
    })();
    expect(await refusalOf(reading)).toEqual(tooLarge);
    expect(seen).toBeLessThanOrEqual(maximumBytes);
    await closed;
  });

  it.each([
    ["declared", { "content-length": 1_000 }],
    ["in chunks", {}],
  ])("that break off are refused: %s", async (_how, headers) => {
    servers.handle = (_request, response) => {
      response.writeHead(200, headers);
      response.write("half", () => response.destroy());
    };
    expect(await refusalOf(servers.fetched())).toEqual(refusalWith("broke off before its end."));
  });

  it("stop at the server when the reader stops", async () => {
    let closed: Promise<void> | undefined;
    servers.handle = (_request, response) => {
      closed = new Promise((resolve) => response.on("close", resolve));
      response.write(picture);
    };
    for await (const chunk of await servers.fetcherWith().open(servers.origin)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await closed;
  });
});

describe("time", () => {
  const silent: Handler = () => undefined;
  const dripping: Handler = (_request, response) => {
    response.write("x");
    const timer = setInterval(() => response.write("x"), 5);
    response.on("close", () => clearInterval(timer));
  };

  it("is up for a server that never answers", async () => {
    servers.handle = silent;
    expect(await refusalOf(servers.fetched(undefined, { answerWithinMs: 50 }))).toEqual(
      refusalWith("took longer than 0.05 seconds to answer."),
    );
  });

  it("is up for a server that sends its headers in drips", async () => {
    servers.handle = ({ socket }) => {
      const timer = setInterval(() => socket.write("H"), 5);
      socket.write("HTTP/1.1 200 OK\r\nx: ");
      socket.on("close", () => clearInterval(timer)).on("error", () => undefined);
    };
    expect((await refusalOf(servers.fetched(undefined, { answerWithinMs: 50 }))).detail).toContain(
      "seconds to answer.",
    );
  });

  it("is up for a connection that never opens", async () => {
    const options = { answerWithinMs: 50, resolve: everyAnswer(publicAddress), connect: () => undefined };
    expect((await refusalOf(servers.fetched("https://pictures.example/", options))).detail).toContain(
      "to answer.",
    );
  });

  it("is up for a name server that never answers", async () => {
    const options = { answerWithinMs: 50, resolve: () => new Promise<never>(() => undefined) };
    expect((await refusalOf(servers.fetched("https://pictures.example/", options))).detail).toContain(
      "to answer.",
    );
  });

  it("is up for a body that drips for ever", async () => {
    servers.handle = dripping;
    expect(await refusalOf(servers.fetched(undefined, { arriveWithinMs: 100 }))).toEqual(
      refusalWith("took longer than 0.1 seconds to arrive."),
    );
  });

  it("for an answer ends with its headers: a body may take longer", async () => {
    servers.handle = dripping;
    const timers = watchTimers(54_321, 65_432);
    const visit = new AbortController();
    await servers
      .fetcherWith({ answerWithinMs: 54_321, arriveWithinMs: 65_432 })
      .open(servers.origin, visit.signal);
    expect(timers.running()).toEqual([65_432]);
    visit.abort();
    expect(timers.running()).toEqual([]);
  });

  it("is up for bytes that nobody reads, and harms nobody", async () => {
    let closed: Promise<void> | undefined;
    servers.handle = (request, response) => {
      closed = new Promise((resolve) => response.on("close", resolve));
      dripping(request, response);
    };
    const reading = async () => {
      const bytes = await servers.fetcherWith({ arriveWithinMs: 200 }).open(servers.origin);
      await closed;
      await drained(bytes);
    };
    expect((await refusalOf(reading())).detail).toContain("to arrive.");
  });

  it("ends with the caller's patience, before the answer and after", async () => {
    servers.handle = silent;
    const before = new AbortController();
    const waiting = servers.fetched(undefined, {}, before.signal);
    setTimeout(() => before.abort(new Error("left")), 20);
    await expect(waiting).rejects.toThrow("left");

    servers.handle = dripping;
    const after = new AbortController();
    const bytes = await servers.fetcherWith().open(servers.origin, after.signal);
    after.abort(new Error("left"));
    await expect(drained(bytes)).rejects.toThrow("left");
  });
});

describe("a fetch that has ended", () => {
  it.each([
    ["well", 200],
    ["badly", 404],
  ])("%s leaves no timer and no listener behind", async (_how, status) => {
    servers.handle = (_request, response) => response.writeHead(status).end(picture);
    const timers = watchTimers(54_321, 65_432);
    const { signal } = new AbortController();
    const limits = { answerWithinMs: 54_321, arriveWithinMs: 65_432 };
    await servers.fetched(undefined, limits, signal).catch(() => undefined);
    expect(timers.started()).toEqual([65_432, 54_321]);
    expect(timers.running()).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("with a refusal has hung up on the server", async () => {
    const hungUp = Promise.withResolvers<unknown>();
    servers.handle = (_request, response) => {
      response.on("close", hungUp.resolve);
      response.writeHead(404).write("and so on");
    };
    await refusalOf(servers.fetched());
    await hungUp.promise;
  });
});
