import { createHash } from "node:crypto";
import { createOpenAI } from "@ai-sdk/openai";
import { DallEAPIWrapper } from "@langchain/openai";
import { generateImage } from "ai";
import OpenAI from "openai";
import OpenAIPrevious from "openai-previous";

/** Clients that people have, set up by their own options and otherwise as they came. */

export interface Place {
  /** Where Darkroom is reached: no path. */
  url: string;
  key: string;
}

export interface Asked {
  model: string;
  prompt: string;
  n?: number;
}

export interface Client {
  name: string;
  /** Whether its retries say which request they repeat. */
  sendsId: boolean;
  /** LangChain always sends `style` and a quality of DALL-E 3's, which other models refuse. */
  models: readonly string[];
  /** The SHA-256 of each picture that its user gets. */
  generate: (place: Place, asked: Asked) => Promise<string[]>;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function hashOf({ url, b64_json }: { url?: string; b64_json?: string }): Promise<string> {
  if (b64_json !== undefined) return sha256(Buffer.from(b64_json, "base64"));
  const reply = await fetch(url ?? "");
  if (!reply.ok) throw new Error(`${reply.status} for a picture's address`);
  return sha256(new Uint8Array(await reply.arrayBuffer()));
}

const models = ["dall-e-3", "gpt-image-1"];

export const clients: Client[] = [
  {
    name: "openai",
    sendsId: true,
    models,
    async generate({ url, key }, asked) {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key });
      const { data = [] } = await client.images.generate({ ...asked, stream: false });
      return Promise.all(data.map(hashOf));
    },
  },
  {
    name: "openai, the major before",
    sendsId: true,
    models,
    async generate({ url, key }, asked) {
      const client = new OpenAIPrevious({ baseURL: `${url}/v1`, apiKey: key });
      const { data = [] } = await client.images.generate({ ...asked, stream: false });
      return Promise.all(data.map(hashOf));
    },
  },
  {
    name: "openai at Azure's v1",
    sendsId: true,
    models,
    async generate({ url, key }, asked) {
      const client = new OpenAI({
        baseURL: `${url}/openai/v1/`,
        apiKey: key,
        defaultHeaders: { "api-key": key },
        defaultQuery: { "api-version": "preview" },
      });
      const { data = [] } = await client.images.generate({ ...asked, stream: false });
      return Promise.all(data.map(hashOf));
    },
  },
  {
    name: "AI SDK (ai, @ai-sdk/openai)",
    sendsId: false,
    models,
    async generate({ url, key }, { model, prompt, n = 1 }) {
      const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
      const { images } = await generateImage({ model: provider.image(model), prompt, n });
      return images.map(({ uint8Array }) => sha256(uint8Array));
    },
  },
  {
    name: "LangChain (@langchain/openai)",
    sendsId: true,
    models: ["dall-e-3"],
    async generate({ url, key }, { model, prompt, n = 1 }) {
      const tool = new DallEAPIWrapper({
        apiKey: key,
        baseUrl: `${url}/v1`,
        model,
        n,
        dallEResponseFormat: "b64_json",
      });
      const given: unknown = await tool.invoke(prompt);
      const pictures = typeof given === "string" ? [given] : (given as { image_url: { url: string } }[]);
      return pictures.map((picture) => {
        const b64 = typeof picture === "string" ? picture : picture.image_url.url;
        return sha256(Buffer.from(b64, "base64"));
      });
    },
  },
];
