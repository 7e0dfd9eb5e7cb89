import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const listed = "https://app.example";
const darkroom = useDarkroom({ settings: { CORS_ORIGINS: `${listed},http://localhost:5173` } });

const preflight = (url: string, origin: string, method: string, headers: string) =>
  fetch(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": headers,
    },
  });
const sharedWith = ({ headers }: Response) => headers.get("access-control-allow-origin");

describe("a page of another origin", () => {
  it("may call when its origin is listed: the preflight names the route's methods and the headers asked for", async () => {
    const url = `${darkroom.running.url}/api/images/generations`;
    const reply = await preflight(url, listed, "POST", "api-key,content-type,x-stainless-lang");
    expect([reply.status, sharedWith(reply)]).toEqual([204, listed]);
    expect(reply.headers.get("access-control-allow-methods")).toBe("POST");
    expect(reply.headers.get("access-control-allow-headers")).toBe("api-key,content-type,x-stainless-lang");
    expect(reply.headers.get("vary")).toMatch(/origin/);
    const job = await preflight(`${darkroom.running.url}/api/jobs/job_x`, listed, "DELETE", "api-key");
    expect(job.headers.get("access-control-allow-methods")).toBe("DELETE, GET, HEAD");
  });

  it("reads answers, errors among them, and the headers that tell where a job is", async () => {
    const refused = await fetch(`${darkroom.running.url}/api/jobs`, { headers: { origin: listed } });
    expect([refused.status, sharedWith(refused)]).toEqual([401, listed]);
    expect(refused.headers.get("access-control-expose-headers")).toMatch(/\blocation\b.*\bretry-after\b/);
    expect(refused.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("is refused when its origin isn't listed, and reads nothing", async () => {
    for (const origin of ["https://evil.example", "https://app.example.evil.example", "null"]) {
      const reply = await preflight(
        `${darkroom.running.url}/api/images/generations`,
        origin,
        "POST",
        "api-key",
      );
      expect([reply.status, sharedWith(reply)], origin).toEqual([403, null]);
      expect(await reply.text()).toMatch(/CORS_ORIGINS/);
      const read = await fetch(`${darkroom.running.url}/api/models`, { headers: { origin } });
      expect(sharedWith(read), origin).toBeNull();
    }
  });

  it("fills an upload's link and reads an image's, and no page of another origin does", async () => {
    const ticket = await darkroom.postJson("/api/uploads", { expects: ["image"] });
    const { uploads } = (await ticket.json()) as { uploads: { url: string }[] };
    const upload = uploads[0]?.url ?? "";
    const allowed = await preflight(upload, listed, "PUT", "x-ms-blob-type,content-type");
    expect([allowed.ok, sharedWith(allowed)]).toEqual([true, listed]);
    expect((await preflight(upload, "https://evil.example", "PUT", "x-ms-blob-type")).status).toBe(403);

    const job = await darkroom.run({ model: "gpt-image-1", prompt: "A page of another origin" });
    const url = job.images[0]?.url ?? "";
    expect(sharedWith(await fetch(url, { headers: { origin: listed } }))).toBe(listed);
    expect(sharedWith(await fetch(url, { headers: { origin: "https://evil.example" } }))).toBeNull();
    expect((await preflight(url, listed, "GET", "range")).ok).toBe(true);
  });
});
