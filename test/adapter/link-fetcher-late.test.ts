import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { brief, originOf, picture, useLinkServers, whole } from "../support/link-servers.ts";

const servers = useLinkServers();
const html = "<!doctype html><title>not yet</title>";

describe("a picture that isn't there yet", () => {
  it.each([400, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])(
    "(%i) is late, and there when asked again",
    async (status) => {
      servers.serve((_request, response) =>
        servers.seen().length === 1 ? response.writeHead(status).end("no") : response.end(picture),
      );
      const replies = [await servers.fetched("/1"), await servers.fetched("/1")];
      expect(replies.map(brief)).toEqual([`late 0: The image's link answered ${status}.`, whole]);
    },
  );

  it("(410) never will be", async () => {
    servers.serve((_request, response) => response.writeHead(410).end());
    expect(brief(await servers.fetched("/1"))).toBe("lost: The image's link answered 410.");
  });

  it.each([
    [503, { "retry-after": "7" }, 7_000],
    [404, { "retry-after-ms": "250" }, 250],
    [429, { "retry-after": "Sun, 01 Mar 2026 12:00:30 GMT", date: "Sun, 01 Mar 2026 12:00:00 GMT" }, 30_000],
    [200, { "retry-after": "3", "content-type": "text/html" }, 3_000],
  ])("(%i, %j) is asked for again after %i ms", async (status, headers, wait) => {
    servers.serve((_request, response) => response.writeHead(status, headers).end(html));
    expect(await servers.fetched("/1")).toMatchObject({ kind: "late", retryAfterMs: wait });
  });

  it.each(["text/html; charset=utf-8", "application/json", "application/problem+json", "application/xml"])(
    "may be a page of a gateway (%s)",
    async (type) => {
      servers.serve((_request, response) => response.writeHead(200, { "content-type": type }).end(html));
      expect(brief(await servers.fetched("/1"))).toBe(
        "late 0: The image's link answered with something that is no picture.",
      );
    },
  );

  it("is told from one that only says that it is a page", async () => {
    servers.serve((_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end(picture),
    );
    expect(brief(await servers.fetched("/1"))).toBe(whole);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["before its headers", (response) => response.socket?.destroy()],
    [
      "in its midst",
      (response) => {
        response.writeHead(200, { "content-length": picture.length });
        response.write(picture.subarray(0, 20), () => response.socket?.resetAndDestroy());
      },
    ],
    ["with nothing in it", (response) => response.end()],
    [
      "in the midst of what was packed",
      (response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(picture).subarray(0, 50)),
    ],
  ])("may be cut off %s", async (_where, cut) => {
    servers.serve((_request, response) => cut(response));
    expect(await servers.fetched("/1")).toMatchObject({ kind: "late", retryAfterMs: 0 });
  });

  it("may be a server that isn't there", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const link = `${originOf(gone)}/1`;
    gone.close();
    await once(gone, "close");
    expect(brief(await servers.fetched(link, { allowlist: [new URL(link).origin] }))).toBe(
      "late 0: The image's link names a host that can't be reached.",
    );
  });
});

describe("the clocks", () => {
  it.each<[string, RequestListener]>([
    ["before the headers", () => undefined],
    [
      "after the headers and twenty bytes",
      (_request, response) => {
        response.writeHead(200, { "content-length": picture.length });
        response.write(picture.subarray(0, 20));
      },
    ],
  ])("end a fetch that hangs %s, and the next one is asked anew", async (_where, hang) => {
    servers.serve((request, response) =>
      servers.seen().length === 1 ? hang(request, response) : response.end(picture),
    );
    const replies = [await servers.fetched("/1", { stallMs: 100 }), await servers.fetched("/1")];
    expect(replies.map(brief)).toEqual(["late 0: The image's link sent nothing for 0.1 seconds.", whole]);
  });

  it("end a picture that trickles without end", async () => {
    servers.serve((_request, response) => void trickle(response));
    expect(brief(await servers.fetched("/1", { stallMs: 1_000, arriveWithinMs: 200 }))).toBe(
      "late 0: The image's link took 0.2 seconds to arrive.",
    );
  });

  it("are the caller's too, whose reason is thrown", async () => {
    const caller = new AbortController();
    servers.serve(() => caller.abort(new Error("the job ended")));
    await expect(servers.fetched("/1", {}, caller.signal)).rejects.toThrow("the job ended");
    await expect(servers.fetched("/1", {}, caller.signal)).rejects.toThrow("the job ended");
    expect(servers.seen()).toHaveLength(1);
  });
});

describe("more than is kept of a picture", () => {
  it.each([
    ["sent", () => ({}), () => picture],
    ["packed", () => ({ "content-encoding": "gzip" }), () => gzipSync(picture)],
  ])("is lost, %s in pieces of no declared length", async (_how, headers, body) => {
    servers.serve((_request, response) => {
      response.writeHead(200, headers());
      response.write(body());
      response.end();
    });
    const reply = await servers.fetched("/1", { maximumBytes: picture.length - 1 });
    expect(brief(reply)).toBe("lost: The image's link leads to more than 0 MB.");
    expect(brief(await servers.fetched("/1", { maximumBytes: picture.length }))).toBe(whole);
  });

  it("is lost when the link holds it itself", async () => {
    const link = `data:image/png;base64,${picture.toString("base64")}`;
    expect(await servers.fetched(link, { maximumBytes: 100 })).toMatchObject({ kind: "lost" });
  });
});

async function trickle(response: ServerResponse): Promise<void> {
  response.write(picture);
  while (!response.destroyed) {
    await new Promise((resolve) => setImmediate(resolve));
    response.write(".");
  }
}
