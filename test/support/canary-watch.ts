import { Listener } from "./listener.ts";

interface StackOutput {
  log: string;
  key: string | undefined;
}

/** Whatever is signed, and whatever signs: links, tickets, result addresses, secrets of webhooks, keys of storage. */
const secrets: [string, RegExp][] = [
  ["a link", /[?&]sig=[\w%-]{8}/],
  ["a signed address", /[?&]signature=[\w-]{8}/],
  ["a secret of webhooks", /whsec_[\w+/]{8}/],
  ["a key of storage", /AccountKey=[\w+/]{8}/],
];
// A shorter prompt may be a word that anybody says.
const minPromptLength = 12;

/**
 * Makes every test of a running stack a search for what it must never tell: prompts, keys and links, in the log as well as
 * in traces and metrics, which it has sent to a collector of its own.
 */
export class CanaryWatch {
  readonly #prompts = new Set<string>();
  readonly listener = new Listener();

  /** Starts to listen; gives the settings that make an app talk to it. */
  async start(): Promise<Record<string, string>> {
    await this.listener.start();
    return this.listener.settings;
  }

  /** Remembers the prompts of a request. */
  heed(body: unknown): void {
    const prompts = body instanceof FormData ? [body.get("prompt")] : promptsIn(body);
    for (const prompt of prompts)
      if (typeof prompt === "string" && prompt.length >= minPromptLength) this.#prompts.add(prompt);
  }

  /** For the watch of a stack that others use as well. */
  get prompts(): string[] {
    return [...this.#prompts];
  }

  heedPrompt(prompt: string): void {
    this.#prompts.add(prompt);
  }

  /** What was found where, in words that don't repeat it; nothing, if all is well. */
  async end({ log, key }: StackOutput): Promise<string[]> {
    await this.listener.close();
    const wanted: [string, (text: string) => boolean][] = [
      ...[...this.#prompts].map((prompt): [string, (text: string) => boolean] => [
        `the prompt "${prompt.slice(0, 40)}"`,
        (text) => text.includes(prompt) || text.includes(JSON.stringify(prompt).slice(1, -1)),
      ]),
      ...secrets.map(([what, pattern]): [string, (text: string) => boolean] => [
        what,
        (text) => pattern.test(text),
      ]),
    ];
    if (key) wanted.push(["the caller's key", (text) => text.includes(key)]);
    const places: [string, string][] = [
      ["the log", log],
      ["telemetry", this.listener.bodies.join("\n")],
    ];
    return places.flatMap(([place, text]) =>
      wanted.filter(([, isIn]) => isIn(text)).map(([what]) => `${place} holds ${what}`),
    );
  }
}

function promptsIn(body: unknown): unknown[] {
  if (typeof body !== "string") return [];
  try {
    const { prompt, on_complete } = JSON.parse(body) as {
      prompt?: unknown;
      on_complete?: { prompt?: unknown };
    };
    return [prompt, on_complete?.prompt];
  } catch {
    return [];
  }
}
