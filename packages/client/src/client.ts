import type { FileBytes } from "./upload.ts";
import { isFileBytes, putFile } from "./upload.ts";
import { type ClientOptions, Session } from "./session.ts";
import { Subscription, type SubscribeOptions } from "./subscribe.ts";
import { pause } from "./pause.ts";
import type {
  Batch,
  BatchList,
  EditRequest,
  GenerationRequest,
  ImageSource,
  IssuedToken,
  Job,
  JobList,
  ModelList,
  Share,
  ShareList,
  ShareRequest,
  TokenRequest,
  UploadRequest,
  UploadTicket,
  UploadTickets,
} from "./types.ts";

export type * from "./types.ts";
export type { ClientOptions, FileBytes, SubscribeOptions };
export type { JobUpdate, PartialImage } from "./job-update.ts";
export { ApiError, ConnectionError, DarkroomError, JobError, UploadError } from "./errors.ts";

/** Files are uploaded first; what has arrived already, or is elsewhere, is named. */
export type EditInput = Omit<EditRequest, "images" | "mask"> & {
  images: readonly (FileBytes | ImageSource)[];
  mask?: FileBytes | ImageSource;
};

export interface CallOptions {
  signal?: AbortSignal;
}

export interface SubmitOptions extends CallOptions {
  /**
   * Names the request: sent again within 24 hours, it brings the first one's job, and nothing is paid twice. Keep it where
   * it survives the app, and a submission that was cut off can be repeated. Default: a new one for each call.
   */
  idempotencyKey?: string;
}

export interface ListOptions extends CallOptions {
  status?: Job["status"];
  model?: string;
  tag?: string;
  /** 1 to 100, default 20. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string;
}

/** Requests, or a text that lists them: a line of JSON each, or CSV whose first line names the fields. */
export type BatchInput = readonly GenerationRequest[] | { jsonl: string } | { csv: string };

export interface FollowBatchOptions extends CallOptions {
  /** Called with the batch at once, and each time it is read. */
  onUpdate?: (batch: Batch) => void;
  /** How often it is read, in milliseconds. Default 5000. */
  pollMs?: number;
}

/**
 * Darkroom's API. All methods throw `ApiError`, `ConnectionError`, or the reason of the signal they were given.
 *
 * @example
 *   const darkroom = new Darkroom({ url: "https://darkroom.example", token });
 *   const job = await darkroom.generate({ prompt: "A lighthouse at noon" });
 *   const { images } = await darkroom.subscribe(job.id, { onUpdate: show });
 */
export class Darkroom {
  readonly #session: Session;

  constructor(options: ClientOptions) {
    this.#session = new Session(options);
  }

  /** Starts a generation; answers at once with the accepted job. Follow it with `subscribe`. */
  async generate(request: GenerationRequest, options: SubmitOptions = {}): Promise<Job> {
    return this.#post<Job>("/api/images/generations", request, options);
  }

  /** Starts an edit, once its files are uploaded. Throws `UploadError` too. */
  async edit({ images, mask, ...params }: EditInput, options: SubmitOptions = {}): Promise<Job> {
    const sources = await Promise.all(images.map(async (image) => this.#sourceOf(image, "image", options)));
    const request: EditRequest = {
      ...params,
      images: sources,
      ...(mask && { mask: await this.#sourceOf(mask, "mask", options) }),
    };
    return this.#post<Job>("/api/images/edits", request, options);
  }

  /** Uploads one file, for `images` or `mask` of an edit. Kept for a day. Throws `UploadError` too. */
  async upload(
    file: FileBytes,
    { expects = "image", signal }: CallOptions & { expects?: "image" | "mask" } = {},
  ): Promise<{ upload_id: string }> {
    const { uploads } = await this.requestUploads({ expects: [expects] }, signal && { signal });
    const [ticket] = uploads;
    if (!ticket) throw new Error("The answer has no ticket.");
    await this.putFile(ticket, file, signal && { signal });
    return { upload_id: ticket.upload_id };
  }

  /** Tickets for uploads that something else sends, such as a phone's background transfer. */
  async requestUploads(request: UploadRequest, options: SubmitOptions = {}): Promise<UploadTickets> {
    return this.#post<UploadTickets>("/api/uploads", request, options);
  }

  /** Sends a file to a ticket's link; one that is there already is no failure. Throws `UploadError` too. */
  async putFile(ticket: UploadTicket, file: FileBytes, { signal }: CallOptions = {}): Promise<void> {
    return putFile(this.#session, ticket, file, signal);
  }

  /**
   * Watches a job to its end and returns it with its images. An app that comes back from the background, or is started
   * again, calls this with the id it kept. Throws `JobError` where no image came of it.
   */
  async subscribe(jobId: string, options: SubscribeOptions = {}): Promise<Job> {
    return new Subscription(this.#session, jobId, options).ended();
  }

  async getJob(jobId: string, options: CallOptions = {}): Promise<Job> {
    return this.#session.json<Job>(pathOf(jobId), options);
  }

  /** Newest first. */
  async listJobs({ signal, ...query }: ListOptions = {}): Promise<JobList> {
    return this.#session.json<JobList>(`/api/jobs?${queryOf(query)}`, { signal });
  }

  /** Ends a job now; images that are there stay. */
  async cancel(jobId: string, options: CallOptions = {}): Promise<Job> {
    return this.#session.json<Job>(`${pathOf(jobId)}/cancel`, { method: "POST", ...options });
  }

  /** Another job for what a failed one asked for. */
  async retry(jobId: string, options: CallOptions = {}): Promise<Job> {
    return this.#session.json<Job>(`${pathOf(jobId)}/retry`, { method: "POST", ...options });
  }

  /** Removes an ended job with its images and inputs. */
  async deleteJob(jobId: string, options: CallOptions = {}): Promise<void> {
    await this.#session.send(pathOf(jobId), { method: "DELETE", ...options });
  }

  /** Starts a job for each request of a list, as limits let them in. A bad line is refused by its number; the others run. */
  async createBatch(lines: BatchInput, { idempotencyKey, signal }: SubmitOptions = {}): Promise<Batch> {
    const [body, type] = batchBodyOf(lines);
    const headers = { "content-type": type, "idempotency-key": idempotencyKey ?? newKey() };
    return this.#session.json<Batch>("/api/batches", { method: "POST", body, headers, signal });
  }

  /** Reads a batch until all its jobs have ended; by the id alone, whenever. */
  async followBatch(
    batchId: string,
    { onUpdate, signal, pollMs = 5_000 }: FollowBatchOptions = {},
  ): Promise<Batch> {
    for (;;) {
      const batch = await this.getBatch(batchId, { ...(signal && { signal }) });
      onUpdate?.(batch);
      if (batch.finished_at !== undefined) return batch;
      await pause(pollMs, signal);
    }
  }

  async getBatch(batchId: string, options: CallOptions = {}): Promise<Batch> {
    return this.#session.json<Batch>(batchPathOf(batchId), options);
  }

  /** Newest first, without their lines. */
  async listBatches({
    signal,
    ...query
  }: Pick<ListOptions, "limit" | "cursor" | "signal"> = {}): Promise<BatchList> {
    return this.#session.json<BatchList>(`/api/batches?${queryOf(query)}`, { signal });
  }

  /** No further line is started, and open jobs end; images that are there stay. */
  async cancelBatch(batchId: string, options: CallOptions = {}): Promise<Batch> {
    return this.#session.json<Batch>(`${batchPathOf(batchId)}/cancel`, { method: "POST", ...options });
  }

  /** Removes a batch that has ended; its jobs stay. */
  async deleteBatch(batchId: string, options: CallOptions = {}): Promise<void> {
    await this.#session.send(batchPathOf(batchId), { method: "DELETE", ...options });
  }

  /** An address that shows one image to anyone who has it, until it is revoked, expires, or its job goes. */
  async shareImage(jobId: string, request: ShareRequest = {}, options: CallOptions = {}): Promise<Share> {
    return this.#session.json<Share>(`${pathOf(jobId)}/shares`, {
      method: "POST",
      body: request,
      ...options,
    });
  }

  /** Those of a job that are still good. */
  async listShares(jobId: string, options: CallOptions = {}): Promise<ShareList> {
    return this.#session.json<ShareList>(`${pathOf(jobId)}/shares`, options);
  }

  /** Its address shows nothing from now on. */
  async revokeShare(jobId: string, shareId: string, options: CallOptions = {}): Promise<void> {
    const path = `${pathOf(jobId)}/shares/${encodeURIComponent(shareId)}`;
    await this.#session.send(path, { method: "DELETE", ...options });
  }

  async listModels(options: CallOptions = {}): Promise<ModelList> {
    return this.#session.json<ModelList>("/api/models", options);
  }

  /** A token for one user of your app. For servers: it takes a caller's key. */
  async createToken(request: TokenRequest, options: CallOptions = {}): Promise<IssuedToken> {
    return this.#session.json<IssuedToken>("/api/tokens", { method: "POST", body: request, ...options });
  }

  async #post<T>(path: string, body: object, { idempotencyKey, signal }: SubmitOptions): Promise<T> {
    const headers = { "idempotency-key": idempotencyKey ?? newKey() };
    return this.#session.json<T>(path, { method: "POST", body, headers, signal });
  }

  async #sourceOf(
    input: FileBytes | ImageSource,
    expects: "image" | "mask",
    { signal }: CallOptions,
  ): Promise<ImageSource> {
    if (!isFileBytes(input)) return input;
    return this.upload(input, { expects, ...(signal && { signal }) });
  }
}

function batchBodyOf(lines: BatchInput): [body: object | string, type: string] {
  if ("jsonl" in lines) return [lines.jsonl, "application/jsonl"];
  return "csv" in lines ? [lines.csv, "text/csv"] : [lines, "application/json"];
}

function queryOf(query: Record<string, string | number>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

const batchPathOf = (batchId: string) => `/api/batches/${encodeURIComponent(batchId)}`;
const pathOf = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;

/** Unique, and no secret: engines of phones may have no `crypto`. */
function newKey(): string {
  const chance = () => Math.random().toString(36).slice(2);
  return `${Date.now().toString(36)}-${chance()}${chance()}`;
}
