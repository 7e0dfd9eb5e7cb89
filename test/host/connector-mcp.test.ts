import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CallToolResultSchema, type Progress } from "@modelcontextprotocol/sdk/types.js";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { useSharedDarkroom } from "../support/darkroom.ts";

/** Held against the protocol's official client, over sockets. */
const darkroom = useSharedDarkroom();
const keys = {
  get agent() {
    return darkroom.running.key ?? "";
  },
  get other() {
    return darkroom.otherKey;
  },
};

interface Facts {
  job_id: string;
  status: string;
  images: { image_id: string; url: string }[];
  error?: { code: string; message: string };
  models?: { deployment: string; canEdit: boolean }[];
}

async function connected(key: string, path = "/mcp"): Promise<Client> {
  const client = new Client({ name: "a test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(path, darkroom.running.url), { requestInit }),
  );
  return client;
}

async function use(
  client: Client,
  name: string,
  given: Record<string, unknown> = {},
  onprogress?: (progress: Progress) => void,
) {
  const reply = await client.callTool({ name, arguments: given }, CallToolResultSchema, {
    timeout: 120_000,
    ...(onprogress && { onprogress }),
  });
  const content = reply.content as { type: string; text?: string; data?: string; mimeType?: string }[];
  const [text, ...pictures] = content;
  const bytes = Buffer.byteLength(JSON.stringify(reply));
  return { isError: reply.isError === true, facts: JSON.parse(text?.text ?? "") as Facts, pictures, bytes };
}

describe.each(["/mcp", "/api/connector/mcp"])("agents at %s", (path) => {
  it("find every tool, each in two sentences that say what goes in, what comes out and when to choose it", async () => {
    const { tools } = await (await connected(keys.agent, path)).listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "generate_image",
      "edit_image",
      "get_job",
      "list_models",
      "cancel_job",
    ]);
    for (const { description = "", inputSchema } of tools) {
      expect(description).toMatch(/^Takes .+\. Choose it .+\.$/);
      for (const field of Object.values(inputSchema.properties ?? {}))
        expect((field as { description?: string }).description).toMatch(/\.$/);
    }
  });

  it("without a key that is known are turned away", async () => {
    await expect(connected("no such key", path)).rejects.toThrow(/401|not known/);
  });
});

describe("an agent", () => {
  it("makes four images, is told how far they are, and gets links and pictures that it can afford to read", async () => {
    const client = await connected(keys.agent);
    const reports: Progress[] = [];
    const { facts, pictures, bytes, isError } = await use(
      client,
      "generate_image",
      { prompt: "a patient agent's kite [[latency=1500]]", n: "4", size: "" },
      (progress) => reports.push(progress),
    );
    expect([isError, facts.status, facts.images.length, pictures.length]).toEqual([false, "succeeded", 4, 4]);
    expect(reports.length).toBeGreaterThan(0);
    expect(reports[0]?.message).toContain(facts.job_id);
    expect(bytes).toBeLessThanOrEqual(64 * 1024);
    for (const { data = "", mimeType } of pictures) {
      const { format, width } = await sharp(Buffer.from(data, "base64")).metadata();
      expect([format, mimeType, width > 32 && width <= 256]).toEqual(["webp", "image/webp", true]);
    }
    for (const { url } of facts.images) expect((await fetch(url)).status).toBe(200);
  });

  it("edits an image that it made, by its name", async () => {
    const client = await connected(keys.agent);
    const made = await use(client, "generate_image", { prompt: "a first kite" });
    const [image] = made.facts.images;
    const edited = await use(client, "edit_image", {
      prompt: "a second kite",
      images: [image?.image_id],
    });
    expect([edited.isError, edited.facts.status, edited.facts.images.length]).toEqual([
      false,
      "succeeded",
      1,
    ]);
    expect(await darkroom.calls("a second kite")).toMatchObject([{ route: "edit" }]);
    const elsewhere = await use(await connected(keys.other), "edit_image", {
      prompt: "a stolen kite",
      images: [image?.image_id],
    });
    expect([elsewhere.isError, elsewhere.facts.error?.code]).toEqual([true, "invalidRequest"]);
  });

  it("leaves a job that takes long, and asks for it, or cancels it", async () => {
    const client = await connected(keys.agent);
    const left = await use(client, "generate_image", {
      prompt: "a slow agent's kite [[latency=20000]]",
      wait_seconds: 0,
    });
    expect(["queued", "running"]).toContain(left.facts.status);
    const canceled = await use(client, "cancel_job", { job_id: left.facts.job_id });
    expect(canceled.facts.status).toBe("canceled");
    const found = await use(client, "get_job", { job_id: left.facts.job_id });
    expect([found.facts.status, found.facts.error?.message]).toEqual(["canceled", "The job was canceled."]);
  });

  it("does not find another caller's job", async () => {
    const made = await use(await connected(keys.agent), "generate_image", {
      prompt: "a private kite",
      wait_seconds: 0,
    });
    const other = await connected(keys.other);
    for (const name of ["get_job", "cancel_job"]) {
      const { isError, facts } = await use(other, name, { job_id: made.facts.job_id });
      expect([name, isError, facts.error?.code]).toEqual([name, true, "notFound"]);
    }
  });

  it("learns what can be asked, and what was wrong with what it asked", async () => {
    const client = await connected(keys.agent);
    const { facts } = await use(client, "list_models");
    expect(facts.models?.some(({ canEdit }) => canEdit)).toBe(true);
    const wrong = await use(client, "generate_image", { prompt: "a wrong kite", size: "1x1" });
    expect([wrong.isError, wrong.facts.error?.code]).toEqual([true, "invalidRequest"]);
    expect(wrong.facts.error?.message).toContain("size");
    const refused = await use(client, "generate_image", { prompt: "a refused kite [[refuse]]" });
    expect([refused.isError, refused.facts.error?.code]).toEqual([true, "contentFilter"]);
    await expect(client.callTool({ name: "paint", arguments: {} })).rejects.toThrow("no tool paint");
  });
});
