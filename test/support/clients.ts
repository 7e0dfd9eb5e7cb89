import { createHash } from "node:crypto";
import { createOpenAI } from "@ai-sdk/openai";
import { DallEAPIWrapper } from "@langchain/openai";
import { generateImage } from "ai";
import OpenAI, { AzureOpenAI, toFile } from "openai";
import OpenAIPrevious, { AzureOpenAI as AzureOpenAIPrevious } from "openai-previous";

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

type Call = (place: Place, asked: Asked) => Promise<string[]>;

export interface Client {
  name: string;
  /** Whether its retries say which request they repeat. */
  sendsId: boolean;
  /** LangChain always sends `style` and a quality of DALL-E 3's, which other models refuse. */
  models: readonly string[];
  /** Each gives the SHA-256 of every picture that its user gets. */
  generate: Call;
  /** Of one picture, and of two with a mask. */
  edit?: (place: Place, asked: Asked, files: EditFiles) => Promise<string[]>;
  /** How many partial images came before the picture, and then the picture. */
  stream?: Call;
}

export interface EditFiles {
  images: Buffer[];
  mask?: Buffer;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function hashOf({ url, b64_json }: { url?: string; b64_json?: string }): Promise<string> {
  if (b64_json !== undefined) return sha256(Buffer.from(b64_json, "base64"));
  const reply = await fetch(url ?? "");
  if (!reply.ok) throw new Error(`${reply.status} for a picture's address`);
  return sha256(new Uint8Array(await reply.arrayBuffer()));
}

const models = ["dall-e-3", "gpt-image-1"];

/** Both majors of OpenAI's client do the same; their types are as far apart as their packages. */
function openAi(name: string, make: (place: Place) => OpenAI): Client {
  return {
    name,
    sendsId: true,
    models,
    async generate(place, asked) {
      const { data = [] } = await make(place).images.generate({ ...asked, stream: false });
      return Promise.all(data.map(hashOf));
    },
    async edit(place, asked, { images, mask }) {
      const files = await Promise.all(
        images.map(async (bytes) => toFile(bytes, "in.png", { type: "image/png" })),
      );
      const [only, ...more] = files;
      if (!only) throw new Error("An edit needs a picture.");
      const image = more.length > 0 ? files : only;
      const { data = [] } = await make(place).images.edit({
        ...asked,
        image,
        ...(mask && { mask: await toFile(mask, "mask.png", { type: "image/png" }) }),
        stream: false,
      });
      return Promise.all(data.map(hashOf));
    },
    async stream(place, asked) {
      const events = await make(place).images.generate({ ...asked, stream: true, partial_images: 2 });
      const seen: string[] = [];
      for await (const { type, b64_json } of events) seen.push(`${type} ${await hashOf({ b64_json })}`);
      return seen;
    },
  };
}

/** The two majors' types differ in name alone, as far as they are used here. */
const asCurrent = (client: OpenAIPrevious) => client as unknown as OpenAI;
const versioned = { apiVersion: "2024-10-21" };

export const clients: Client[] = [
  openAi("openai 7", ({ url, key }) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key })),
  openAi("openai 6", ({ url, key }) => asCurrent(new OpenAIPrevious({ baseURL: `${url}/v1`, apiKey: key }))),
  openAi(
    "openai 7 at Azure's v1",
    ({ url, key }) =>
      new OpenAI({
        baseURL: `${url}/openai/v1/`,
        apiKey: key,
        defaultHeaders: { "api-key": key },
        defaultQuery: { "api-version": "preview" },
      }),
  ),
  openAi(
    "AzureOpenAI of openai 7",
    ({ url, key }) => new AzureOpenAI({ endpoint: url, apiKey: key, ...versioned }),
  ),
  openAi("AzureOpenAI of openai 6", ({ url, key }) =>
    asCurrent(new AzureOpenAIPrevious({ endpoint: url, apiKey: key, ...versioned })),
  ),
  {
    name: "AI SDK 7",
    sendsId: false,
    models,
    async generate({ url, key }, { model, prompt, n = 1 }) {
      const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
      const { images } = await generateImage({ model: provider.image(model), prompt, n });
      return images.map(({ uint8Array }) => sha256(uint8Array));
    },
    async edit({ url, key }, { model, prompt: text, n = 1 }, { images: files, mask }) {
      const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
      const prompt = { text, images: files, ...(mask && { mask }) };
      const { images } = await generateImage({ model: provider.image(model), prompt, n });
      return images.map(({ uint8Array }) => sha256(uint8Array));
    },
  },
  {
    name: "LangChain 1",
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
