import { setTimeout as sleep } from "node:timers/promises";
import { type Darkroom, startDarkroom } from "../../local/darkroom.ts";
import type { Job, JobList } from "../../src/contracts/http-api.ts";
import type { GenerationRequest } from "../../src/contracts/requests.ts";

/** The whole stack of a bench: everything `npm start` starts, and ways to ask it. */
export interface Stack {
  darkroom: Darkroom;
  /** Where the host keeps its state. */
  hostData: string;
  /** What `post` sends. */
  request(body: GenerationRequest): RequestInit;
  post(body: GenerationRequest): Promise<Job>;
  /** The job once it has ended, however it did. */
  ended(id: string): Promise<Job>;
  /** A job from its start until nothing is left to do for it: its thumbnails are made too. */
  run(body: GenerationRequest): Promise<Job>;
  /** An address of the app's, read to its end. */
  read(
    url: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; etag: string; tookMs: number }>;
  /** A page of jobs, of the usual length. */
  list(cursor?: string): Promise<JobList>;
  ledger(): Promise<LedgerCall[]>;
  clearCalls(): Promise<void>;
}

/** A call as the simulated service saw it. Times in epoch milliseconds. */
export interface LedgerCall {
  route: "generate" | "submit" | "poll" | "image" | "delete";
  started_at: number;
  finished_at: number;
  /** When each partial image was written, of a streamed call. */
  stream?: { partials: { index: number; at: number }[] };
  /** How long the service asked to wait. */
  retry_after_ms?: number;
}

const pauseMs = 50;

export async function startStack(hostData: string): Promise<Stack> {
  const darkroom = await startDarkroom({
    port: 0,
    simulatorArgs: ["--latency-scale", "0"],
    // The last one counts: storage stays in memory, and the host's journal where the bench can read it.
    hostArgs: ["--data", hostData],
  });
  const headers = { "api-key": darkroom.key ?? "", "content-type": "application/json" };
  const ledger = `${darkroom.simulator ?? ""}/simulator/ledger`;

  function request(body: GenerationRequest): RequestInit {
    return { method: "POST", headers, body: JSON.stringify(body) };
  }
  async function post(body: GenerationRequest): Promise<Job> {
    return reply<Job>(fetch(`${darkroom.url}/api/images/generations`, request(body)), 202);
  }
  async function until(id: string, isDone: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = await reply<Job>(fetch(`${darkroom.url}/api/jobs/${id}`, { headers }), 200);
      if (isDone(job)) return job;
      await sleep(pauseMs);
    }
  }
  async function run(body: GenerationRequest): Promise<Job> {
    const { id } = await post(body);
    return until(id, ({ status, images, error }) => {
      if (status === "failed") throw new Error(`A job failed: ${error?.message ?? "no reason"}`);
      return status === "succeeded" && images.every(({ thumbnail_url }) => thumbnail_url !== undefined);
    });
  }

  return {
    darkroom,
    hostData,
    request,
    post,
    ended: (id) => until(id, ({ status }) => status === "succeeded" || status === "failed"),
    run,
    async read(url, more) {
      const started = performance.now();
      const response = await fetch(url, { headers: { ...headers, ...more } });
      await response.arrayBuffer();
      const etag = response.headers.get("etag") ?? "";
      return { status: response.status, etag, tookMs: performance.now() - started };
    },
    async list(cursor) {
      const query = cursor === undefined ? "" : `?cursor=${cursor}`;
      return reply<JobList>(fetch(`${darkroom.url}/api/jobs${query}`, { headers }), 200);
    },
    ledger: async () => (await reply<{ calls: LedgerCall[] }>(fetch(ledger), 200)).calls,
    async clearCalls() {
      await fetch(ledger, { method: "DELETE" });
    },
  };
}

/** From the acceptance of a job to its end, as the job itself tells. */
export function durationOf({ created_at, finished_at }: Job): number {
  return Date.parse(finished_at ?? "") - Date.parse(created_at);
}

async function reply<T>(answer: Promise<Response>, wanted: number): Promise<T> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== wanted) throw new Error(`HTTP ${response.status} in place of ${wanted}: ${text}`);
  return JSON.parse(text) as T;
}
