import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { aPrompt, dataOf, download, inspect, simulate, type Simulated } from "./support.ts";

async function imageUrl(simulated: Simulated, words = ""): Promise<string> {
  const [item] = dataOf(await simulated.dalle3(aPrompt(words)));
  return item!.url!;
}

describe("an image URL", () => {
  it("opens without credentials, as often as one likes", async () => {
    const simulated = await simulate();
    const url = await imageUrl(simulated);
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("image/png");
    const first = Buffer.from(await response.arrayBuffer());
    expect(Number(response.headers.get("content-length"))).toBe(first.length);
    expect((await download(url)).equals(first)).toBe(true);
    const head = await fetch(url, { method: "HEAD" });
    expect(Number(head.headers.get("content-length"))).toBe(first.length);
  });

  it("names an expiry a day away", async () => {
    const simulated = await simulate();
    const before = Date.now();
    const expiry = Date.parse(new URL(await imageUrl(simulated)).searchParams.get("se")!);
    expect(expiry).toBeGreaterThanOrEqual(before + 86_400_000);
    expect(expiry).toBeLessThanOrEqual(Date.now() + 86_400_000);
  });

  it("is dead once it has expired", async () => {
    const simulated = await simulate({ settings: { url_life_seconds: 1 } });
    const url = await imageUrl(simulated);
    await sleep(Date.parse(new URL(url).searchParams.get("se")!) - Date.now() + 5);
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(response.headers.get("x-ms-error-code")).toBe("AuthenticationFailed");
    expect(await response.text()).toContain("<Code>AuthenticationFailed</Code>");
  });

  it("may be born dead", async () => {
    const simulated = await simulate();
    expect((await fetch(await imageUrl(simulated, "[[url-life=0]]"))).status).toBe(403);
  });

  it.each<[string, (url: URL) => void]>([
    ["signature", (url) => url.searchParams.set("sig", "AAAA")],
    ["missing signature", (url) => url.searchParams.delete("sig")],
    ["later expiry", (url) => url.searchParams.set("se", "2099-01-01T00:00:00.000Z")],
    ["path", (url) => (url.pathname = url.pathname.replace("_00", "_01"))],
  ])("with a changed %s is refused", async (_what, tamper) => {
    const simulated = await simulate();
    const url = new URL(await imageUrl(simulated));
    tamper(url);
    expect((await fetch(url)).status).toBe(403);
  });

  it("belongs to the simulator that signed it", async () => {
    const simulated = await simulate();
    const other = await simulate();
    const url = new URL(await imageUrl(simulated));
    url.host = new URL(other.url).host;
    expect((await fetch(url)).status).toBe(403);
  });

  it.each([
    ["[[404 on=image]]", 404],
    ["[[403 on=image]]", 403],
    ["[[503 on=image]]", 503],
  ])("fails as told: %s", async (words, status) => {
    const simulated = await simulate();
    const response = await fetch(await imageUrl(simulated, words));
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/xml");
  });

  it("redirects to another host that has the picture, or wherever it is told", async () => {
    const simulated = await simulate();
    const url = await imageUrl(simulated, "[[302 on=image times=1]]");
    const redirect = await fetch(url, { redirect: "manual" });
    expect(redirect.status).toBe(302);
    expect(new URL(redirect.headers.get("location")!).hostname).toBe("localhost");
    expect((await fetch(redirect.headers.get("location")!)).status).toBe(200);
    const far = await imageUrl(simulated, "[[307 on=image location=http://169.254.169.254/]]");
    const answer = await fetch(far, { redirect: "manual" });
    expect(answer.headers.get("location")).toBe("http://169.254.169.254/");
  });

  it("has bytes of another format than its header says, or the wrong header", async () => {
    const simulated = await simulate();
    const page = await fetch(await imageUrl(simulated, "[[content-type=text/html on=image]]"));
    expect(page.headers.get("content-type")).toBe("text/html");
    const words = "[[image-format=webp]] [[content-type=image/png on=image]]";
    const disguised = await fetch(await imageUrl(simulated, words));
    expect(disguised.headers.get("content-type")).toBe("image/png");
    expect(await inspect(Buffer.from(await disguised.arrayBuffer()))).toMatchObject({ format: "webp" });
  });

  it("breaks half way", async () => {
    const simulated = await simulate();
    await expect(download(await imageUrl(simulated, "[[cut on=image]]"))).rejects.toThrow();
  });
});
