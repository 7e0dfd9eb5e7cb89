import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, { AzureOpenAI } from "openai";
import sharp, { type Metadata } from "sharp";
import { onTestFinished } from "vitest";
import { startSimulator, type SimulatorOptions } from "../../src/simulator.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Billing {
  readonly calls: readonly {
    readonly id: string;
    readonly route: string;
    readonly status: number | null;
    readonly outcome: string;
    readonly images_billed: number;
    readonly started_at: number;
    readonly finished_at: number | null;
    readonly client_hung_up: boolean;
    readonly stream?: {
      readonly partials: readonly { readonly index: number; readonly at: number }[];
      readonly completed_at?: number;
      readonly erred_at?: number;
      readonly left_at?: number;
    };
    readonly retry_after_ms?: number;
    readonly prompt_sha256?: string;
  }[];
  readonly operations: readonly {
    readonly id: string;
    readonly polls: readonly { readonly at: number; readonly operation_status?: string }[];
    readonly deletes: readonly { readonly status: number }[];
    readonly images_billed: number;
  }[];
  readonly totals: {
    readonly calls: number;
    readonly images_billed: number;
    readonly client_hung_up: number;
  };
  readonly in_flight: number;
  readonly in_flight_max: number;
  readonly in_flight_max_by_deployment: Readonly<Record<string, number>>;
}

export const instant = {
  latency_ms: {
    "dall-e-2": 0,
    "dall-e-3": 0,
    "gpt-image-1": 0,
    "gpt-image-1-mini": 0,
    "gpt-image-1.5": 0,
    "gpt-image-2": 0,
  },
};

/** A simulator of the test's own, gone when the test ends. */
export async function simulate(options: SimulatorOptions = {}) {
  const { settings, ...rest } = options;
  const simulator = await startSimulator({ ...rest, settings: { ...instant, ...settings } });
  onTestFinished(() => simulator.close());
  const { url, apiKey } = simulator;
  const credentials = { "api-key": apiKey };

  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = credentials,
  ) => {
    const payload = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) } satisfies Answer;
  };

  return {
    ...simulator,
    credentials,
    send,
    /** DALL-E 3 on its default deployment. */
    dalle3: (prompt: string, more: object = {}) => send("POST", dalle3Path, { prompt, ...more }),
    gptImage: (prompt: string, more: object = {}) =>
      send("POST", "/openai/v1/images/generations", { model: "gpt-image", prompt, ...more }),
    submit: (prompt: string, more: object = {}, headers: Record<string, string> = {}) =>
      send("POST", submitPath, { prompt, size: "256x256", ...more }, { ...credentials, ...headers }),
    ledger: async (promptIncludes = "") =>
      (await send("GET", `/simulator/ledger?prompt_includes=${encodeURIComponent(promptIncludes)}`))
        .body as Billing,
    rules: (...rules: object[]) => send("PUT", "/simulator/faults", rules),
    azure: (deployment: string, apiVersion: string) =>
      new AzureOpenAI({ endpoint: url, apiKey, apiVersion, deployment, maxRetries: 0 }),
    openai: (path: string) => new OpenAI({ baseURL: `${url}${path}`, apiKey, maxRetries: 0 }),
  };
}

export type Simulated = Awaited<ReturnType<typeof simulate>>;

export const dalle3Path = "/openai/deployments/dalle3/images/generations?api-version=2024-02-01";
export const submitPath = "/openai/images/generations:submit?api-version=2023-06-01-preview";

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What the retired models still take, apart, as the client's types warn of it wherever it is written. */
export const retired = {
  natural: { style: "natural" },
  base64: { response_format: "b64_json" },
} as const;

/** Tests share nothing, not even a prompt. */
export function aPrompt(words = ""): string {
  return `An otter ${randomUUID()} ${words}`.trim();
}

export function dataOf(answer: Answer): Record<string, string>[] {
  return (answer.body as { data: Record<string, string>[] }).data;
}

export async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

export async function inspect(file: Buffer): Promise<Metadata> {
  // Metadata alone reads the header; the statistics prove that every pixel decodes.
  await sharp(file).stats();
  return sharp(file).metadata();
}

export function operationUrl(submitted: Answer): string {
  return submitted.headers.get("operation-location") ?? "";
}

/** Polls until the operation rests, and returns the last answer. */
export async function settle(simulated: Simulated, submitted: Answer): Promise<Answer> {
  for (;;) {
    const answer = await simulated.send("GET", operationUrl(submitted));
    const { status } = answer.body as { status: string };
    if (status === "succeeded" || status === "failed") return answer;
    await sleep(10);
  }
}

/** Repeats a question until its answer satisfies. The test's own time limit ends it. */
export async function eventually<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    await sleep(10);
  }
}
