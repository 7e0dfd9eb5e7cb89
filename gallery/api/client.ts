import type { ErrorBody, Job, JobPage, Model } from "./types.ts";

/** The app said no, in its envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Partial<ErrorBody>;
  readonly retryAfterMs: number;

  constructor(status: number, body: Partial<ErrorBody>, retryAfterMs = 0) {
    super(body.message ?? `The server answered ${status}.`);
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing was said by the app: no network, nobody there, or an app that is only just starting. */
export class AwayError extends Error {}

export interface JobFilters {
  status?: string;
  model?: string;
  tag?: string;
}

export type ApiClient = ReturnType<typeof apiClient>;

/** All that the page asks of the app. The key travels in a header, never in an address. */
export function apiClient(key: string, network: typeof fetch = fetch) {
  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("api-key", key);
    let reply: Response;
    try {
      reply = await network(path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new AwayError("The server can't be reached.", { cause: error });
    }
    if (reply.ok) return reply;
    if (isStandIn(reply)) throw new AwayError(`Somebody else answered ${reply.status} for the app.`);
    throw await refusal(reply);
  }

  const askJson = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const reply = await ask(path, init);
    try {
      return (await reply.json()) as T;
    } catch (error) {
      throw new AwayError("The answer broke off.", { cause: error });
    }
  };
  const job = (id: string) => `/api/jobs/${encodeURIComponent(id)}`;

  return {
    models: async (): Promise<Model[]> => (await askJson<{ models: Model[] }>("/api/models")).models,
    job: (id: string, signal?: AbortSignal): Promise<Job> => askJson(job(id), signal && { signal }),
    jobs: (filters: JobFilters, cursor?: string): Promise<JobPage> => {
      const query = new URLSearchParams({ ...present(filters), limit: "24", ...(cursor && { cursor }) });
      return askJson(`/api/jobs?${query.toString()}`);
    },
    generate: (body: object, idempotencyKey: string): Promise<Job> =>
      askJson("/api/images/generations", jsonPost(body, idempotencyKey)),
    edit: (form: FormData, idempotencyKey: string): Promise<Job> =>
      askJson("/api/images/edits", {
        method: "POST",
        headers: { "idempotency-key": idempotencyKey },
        body: form,
      }),
    /** An edit whose pictures are named, not sent. */
    editAgain: (body: object, idempotencyKey: string): Promise<Job> =>
      askJson("/api/images/edits", jsonPost(body, idempotencyKey)),
    cancel: (id: string): Promise<Job> => askJson(`${job(id)}/cancel`, { method: "POST" }),
    remove: (id: string): Promise<unknown> => ask(job(id), { method: "DELETE" }),
    /** The bytes of an image: those behind a link are another origin's. */
    bytes: async (id: string, index: number): Promise<Blob> =>
      (await ask(`${job(id)}/images/${index}?download=1`)).blob(),
    events: (id: string, after: string, signal: AbortSignal): Promise<Response> =>
      ask(`${job(id)}/events`, {
        signal,
        headers: { accept: "text/event-stream", ...(after !== "" && { "last-event-id": after }) },
      }),
    /** Whether anybody is there; needs no key. */
    isThere: async (): Promise<boolean> => {
      try {
        return !isStandIn(await network("/api/health"));
      } catch {
        return false;
      }
    },
  };
}

const jsonPost = (body: object, idempotencyKey: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
  body: JSON.stringify(body),
});

/** A host that is starting, or a proxy before an app that is gone, knows nothing of envelopes. */
function isStandIn({ status, headers }: Response): boolean {
  return [502, 503, 504].includes(status) && !(headers.get("content-type") ?? "").includes("json");
}

async function refusal(reply: Response): Promise<ApiError> {
  const retryAfterMs = (Number(reply.headers.get("retry-after")) || 0) * 1000;
  try {
    const { error } = (await reply.json()) as { error?: Partial<ErrorBody> };
    return new ApiError(reply.status, error ?? {}, retryAfterMs);
  } catch {
    return new ApiError(reply.status, {}, retryAfterMs);
  }
}

function present(filters: JobFilters): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
}
