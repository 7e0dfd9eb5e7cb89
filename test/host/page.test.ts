import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, darkroom.running.url), { headers });

/** Everything the page is made of, by the addresses that it names itself. */
async function files(): Promise<{ path: string; text: string; reply: Response }[]> {
  const page = await (await get("/")).text();
  const named = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? "");
  return Promise.all(
    ["/", ...named].map(async (path) => {
      const reply = await get(path, { "accept-encoding": "gzip" });
      return { path, text: await reply.text(), reply };
    }),
  );
}

describe("the gallery page", () => {
  it("is served whole by the app: a script and a style sheet, kept for good", async () => {
    const [page, ...assets] = await files();
    expect(page?.reply.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(assets.map(({ reply }) => reply.headers.get("content-type")).sort()).toEqual([
      "text/css; charset=utf-8",
      "text/javascript; charset=utf-8",
    ]);
    for (const { path, reply } of assets) {
      expect(path).toMatch(/^\/assets\/page\.[A-Z0-9]{8}\.(js|css)$/);
      expect(reply.headers.get("cache-control")).toContain("immutable");
      expect(reply.headers.get("content-encoding")).toBe("gzip");
    }
  });

  it("names no other origin, and runs nothing inline", async () => {
    const [page] = await files();
    expect(page?.text).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page?.text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/);
    const links = await darkroom.run({ model: "dall-e-2", size: "256x256", prompt: "a goose" });
    const origin = new URL(links.images[0]?.url ?? "").origin;
    expect(page?.reply.headers.get("content-security-policy")).toContain(
      `img-src 'self' blob: data: ${origin};`,
    );
  });

  it("weighs no more than 60 KB on the wire", async () => {
    const sizes = (await files()).map(({ text }) => gzipSync(text).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60 * 1024);
  });
});
