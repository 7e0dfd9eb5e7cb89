import { ApiError, ConnectionError } from "./errors.ts";
import { backoffMs, pause, throwIfAborted } from "./pause.ts";
import type { ErrorReply } from "./types.ts";

export interface ClientOptions {
  /** Where Darkroom is, such as `https://darkroom.example`. */
  url: string;
  /** A token of `POST /api/tokens`; or what fetches one from your server, asked again when the last one has expired. */
  token?: string | (() => string | Promise<string>);
  /** A caller's own key. For servers: never put one into an app. */
  apiKey?: string;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
  /** Whether `fetch` gives answers as they come. Default: what the engine says of itself; React Native's own can't, Expo's can. */
  stream?: boolean;
  /** How often a request is sent again after no answer, a 429 or a 5xx. Default 4. */
  maxRetries?: number;
}

export interface RequestOptions {
  method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON; a text as it is. */
  body?: object | string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  maxRetries?: number;
}

/** Requests to the API: credentials, retries, errors. Each must be safe to repeat; those that start jobs carry a key. */
export class Session {
  readonly #options: ClientOptions;
  readonly #url: string;
  readonly #fetch: typeof fetch;
  #token: Promise<string> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#url = options.url.replace(/\/+$/, "");
    // Called as a function of its own: browsers refuse to run it as a method.
    const own = options.fetch ?? fetch;
    this.#fetch = (input, init) => own(input, init);
  }

  /** Whether events can be read as they come; otherwise the job is polled. */
  get canStream(): boolean {
    return this.#options.stream ?? "body" in Response.prototype;
  }

  get maxRetries(): number {
    return this.#options.maxRetries ?? 4;
  }

  /** Without credentials, to an address that needs none. Throws what `fetch` throws. */
  async fetchOpen(url: string, init: RequestInit): Promise<Response> {
    return this.#fetch(url, init);
  }

  /** The JSON of the answer. */
  async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return (await (await this.send(path, options)).json()) as T;
  }

  /**
   * An answer that is no error. Throws `ApiError`, `ConnectionError`, or the signal's reason.
   */
  async send(path: string, options: RequestOptions = {}): Promise<Response> {
    const { signal, maxRetries = this.maxRetries } = options;
    let isRenewed = false;
    for (let failures = 0; ;) {
      const outcome = await this.#attempt(path, options);
      if (outcome instanceof Response) return outcome;
      if (outcome instanceof ApiError && outcome.status === 401 && !isRenewed && this.#forgetToken()) {
        isRenewed = true;
        continue;
      }
      failures += 1;
      const retryAfterMs = outcome instanceof ApiError ? outcome.retryAfterMs : undefined;
      if (failures > maxRetries || (outcome instanceof ApiError && !outcome.retryable)) throw outcome;
      await pause(backoffMs(failures, retryAfterMs), signal);
    }
  }

  async #attempt(
    path: string,
    { method = "GET", body, headers, signal }: RequestOptions,
  ): Promise<Response | ApiError | ConnectionError> {
    const credentials = await this.#credentials();
    let response: Response;
    try {
      response = await this.#fetch(this.#url + path, {
        method,
        headers: { ...(body && { "content-type": "application/json" }), ...credentials, ...headers },
        ...(body && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      throwIfAborted(signal);
      return new ConnectionError("Darkroom can't be reached.", { cause: error });
    }
    return response.ok ? response : apiErrorOf(response);
  }

  async #credentials(): Promise<Record<string, string>> {
    const { token, apiKey } = this.#options;
    if (typeof token === "string") return { authorization: `Bearer ${token}` };
    if (token === undefined) return apiKey === undefined ? {} : { "api-key": apiKey };
    this.#token ??= Promise.resolve(token());
    try {
      return { authorization: `Bearer ${await this.#token}` };
    } catch (error) {
      this.#token = undefined;
      throw error;
    }
  }

  /** False where there is no way to another token. */
  #forgetToken(): boolean {
    this.#token = undefined;
    return typeof this.#options.token === "function";
  }
}

async function apiErrorOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  // A proxy in between answers in its own words.
  const text = await response.text().catch(() => "");
  return new ApiError(response.status, errorOf(text), retryAfterMs);
}

function errorOf(text: string): ErrorReply["error"] | undefined {
  try {
    return (JSON.parse(text) as Partial<ErrorReply> | null)?.error;
  } catch {
    return undefined;
  }
}
