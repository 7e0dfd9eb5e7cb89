import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { type Darkroom, type DarkroomOptions, startDarkroom } from "../../local/darkroom.ts";
import type { ErrorReply, Job } from "../../src/contracts/http-api.ts";
import { aim, type Aim, isEmbedded, isFunc, NotHere } from "./aim.ts";
import { CanaryWatch } from "./canary-watch.ts";
import { pauseAfter } from "./polling.ts";
import { apiKeysOf, sharedDarkroom, sharedKey, type SharedStack, simulatorArgs } from "./shared-darkroom.ts";
import { ownAccount } from "./storage.ts";
import {
  aimedDarkroom,
  askSimulator,
  borrowSimulator,
  embeddedHostNeeded,
  findHost,
  ownHostNeeded,
} from "./aimed-darkroom.ts";

export interface Ledger {
  calls: LedgerCall[];
  operations: { id: string; submitted_at: number; polls: { at: number }[] }[];
  totals: { calls: number; generations: number; images_billed: number };
  in_flight_max: number;
}

export interface LedgerCall {
  route: string;
  path: string;
  prompt?: string;
  status: number | null;
  started_at: number;
  finished_at: number | null;
  images_billed: number;
  /** Of an edit, in the order received. */
  parts?: LedgerPart[];
}

export interface LedgerPart {
  name: string;
  content_type: string;
  length: number;
  sha256: string;
}

export interface LiveOptions extends DarkroomOptions {
  /** Changes to the simulator's settings, made over HTTP before the first test. */
  simulatorSettings?: Record<string, unknown>;
  /** Only those tests need the settings that say so (`needOwnSettings`); the others do with any host. */
  settingsMatterToSome?: boolean;
  /** What a killed host was at is hidden for as long as the shipped host.json says, and isn't taken up at once. */
  hidesAsShipped?: boolean;
  /** A storage emulator of its own, for files whose blobs are so large that others would wait for them. */
  hasOwnEmulator?: boolean;
}

/**
 * The whole stack, over sockets, for one test file: its own ports, its own data, gone afterwards. Or, where the tests are
 * aimed at a host that runs already, that one.
 */
export function useDarkroom(options: LiveOptions = {}): LiveDarkroom {
  const live = new LiveDarkroom();
  beforeAll(async () => live.start(options));
  afterAll(async () => live.stop());
  return live;
}

/**
 * A caller of the test file's own on the stack that its tier shares. For files that look at their own jobs and prompts alone,
 * kill nothing, and teach the scheduler nothing: no 429s, no blocked account.
 */
export function useSharedDarkroom(): LiveDarkroom {
  const live = new LiveDarkroom();
  beforeAll(async () => live.share());
  afterAll(async () => live.stop());
  return live;
}

type Body = Record<string, unknown>;

// Of each test file so far.
const stacks = new Map<string, number>();

function nextStack(): number {
  const { testPath = "" } = expect.getState();
  const index = stacks.get(testPath) ?? 0;
  stacks.set(testPath, index + 1);
  return index;
}

export class LiveDarkroom {
  #running: Darkroom | undefined;
  #log = "";
  readonly #canaries = new CanaryWatch();
  /** Hears the traces and metrics of a stack that was started here. */
  readonly listener = this.#canaries.listener;
  readonly #run = randomUUID().slice(0, 8);
  /** Why a host that runs already won't do, where the tests are aimed at one. */
  #ownSettings: string | undefined;
  #giveBack: (() => Promise<void>) | undefined;
  #sharedLog: string | undefined;
  #otherKey: string | undefined;

  async start(options: LiveOptions): Promise<void> {
    if (aim) return this.#aimAt(aim, options);
    this.#ownSettings = isFunc ? embeddedHostNeeded(options) : undefined;
    if (this.#ownSettings !== undefined) return;
    const { simulatorSettings, hidesAsShipped = false, hasOwnEmulator = false, ...own } = options;
    const listened = await this.#canaries.start();
    const log = new PassThrough();
    log.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    const storage = ownAccount(nextStack());
    this.#running = await startDarkroom({
      port: 0,
      ...(isFunc && { coreTools: true, bringBack: true }),
      simulatorArgs,
      log,
      ...own,
      settings: {
        ...(!hasOwnEmulator && { AzureWebJobsStorage: storage, IMAGES_STORAGE: storage }),
        ...listened,
        ...(!hidesAsShipped && { LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "0" }),
        ...own.settings,
      },
    });
    const { simulator = "" } = this.running;
    if (simulatorSettings)
      await askSimulator(simulator, "PUT", "settings", JSON.stringify(simulatorSettings));
  }

  /** Joins the stack of its tier as a caller of the test file's own; where there is none, starts one with such callers. */
  async share(): Promise<void> {
    if (aim) return this.start({});
    const { testPath = "" } = expect.getState();
    this.#otherKey = sharedKey(testPath, 1);
    const key = sharedKey(testPath);
    if (!isEmbedded) {
      await this.start({ settings: { API_KEYS: apiKeysOf([testPath]) } });
      this.#running = { ...this.running, key };
      return;
    }
    const reply = await fetch(inject("sharedDarkroom"));
    if (!reply.ok) throw new Error(await reply.text());
    const stack = (await reply.json()) as SharedStack;
    this.#sharedLog = stack.logFile;
    this.#running = sharedDarkroom(stack, key);
  }

  async #aimAt(host: Aim, options: LiveOptions): Promise<void> {
    await findHost(host);
    const needed = ownHostNeeded(options);
    this.#ownSettings = needed;
    // Told by whichever test asks for the host, not here: a hook has no test to skip.
    if (needed !== undefined && !options.settingsMatterToSome) return;
    this.#running = aimedDarkroom(host);
    if (host.simulator !== undefined)
      this.#giveBack = await borrowSimulator(host.simulator, options.simulatorSettings);
  }

  /** A name that was never used: a host that runs already remembers those of earlier runs. */
  unused(name: string): string {
    return `${name}-${this.#run}`;
  }

  /** Stops everything. Throws if anything was printed or told meanwhile that nobody may read there. */
  async stop(): Promise<void> {
    await this.#giveBack?.();
    const running = this.#running;
    await running?.stop();
    if (aim || !running) return;
    if (this.#sharedLog !== undefined) {
      // Searched at the end of the run, when all has been told.
      const body = JSON.stringify(this.#canaries.prompts);
      await fetch(inject("sharedDarkroom"), { method: "POST", body });
      return;
    }
    const found = await this.#canaries.end({ log: this.#log, key: running.key });
    if (found.length > 0) throw new Error(found.join("; "));
  }

  /** Whether the host looks into containers by itself. Any other than the embedded one waits to be told by Event Grid. */
  get looksForBlobs(): boolean {
    return isEmbedded;
  }

  /** Said by a test that looks into the host's own state, or at its process. */
  needEmbeddedHost(reason: string): void {
    if (!isEmbedded) throw new NotHere(reason);
  }

  /** Said by a test that needs the settings its file starts a host with. */
  needOwnSettings(): void {
    if (this.#ownSettings !== undefined) throw new NotHere(this.#ownSettings);
  }

  /** Said before prompts hold words for the simulator, by the one who sends them by other ways than `fetch` here. */
  needSimulator(): string | undefined {
    return this.running.simulator;
  }

  get running(): Darkroom {
    if (!this.#running) {
      this.needOwnSettings();
      throw new Error("Darkroom has not started.");
    }
    return this.#running;
  }

  /** Everything that host, simulator and storage have printed. */
  get log(): string {
    if (aim && this.#running) throw new NotHere("reads the host's log");
    return this.#sharedLog === undefined ? this.#log : readFileSync(this.#sharedLog, "utf8");
  }

  /** Opens as another caller than the stack's own key, on a stack that is shared. */
  get otherKey(): string {
    if (this.#otherKey === undefined) throw new NotHere("needs the key of a second caller");
    return this.#otherKey;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    this.#heedWords(init.body);
    this.#canaries.heed(init.body);
    const headers = new Headers(init.headers);
    if (!headers.has("api-key") && !headers.has("authorization"))
      headers.set("api-key", this.running.key ?? "");
    return fetch(new URL(path, this.running.url), { redirect: "manual", ...init, headers });
  }

  /** A prompt's words in brackets are for the simulator; a real service would be asked to draw them. */
  #heedWords(body: RequestInit["body"]): void {
    const texts = body instanceof FormData ? [...body.values()] : [body];
    if (texts.some((text) => typeof text === "string" && text.includes("[["))) this.needSimulator();
  }

  /** As anyone who runs the host: with the key that opens its `/admin` and the webhooks of its extensions. */
  async fetchAsAdmin(path: string, init: RequestInit = {}): Promise<Response> {
    const key = this.running.masterKey() ?? process.env["DARKROOM_MASTER_KEY"];
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set("x-functions-key", key);
    const reply = await fetch(new URL(path, this.running.url), { ...init, headers });
    // Core Tools ask nobody for a key; where one is asked for, it must have been given.
    if (reply.status === 401 && key === undefined) throw new NotHere("needs the host's master key");
    return reply;
  }

  async postJson(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  async post(body: Body, headers?: Record<string, string>): Promise<Response> {
    return this.postJson("/api/images/generations", body, headers);
  }

  /** Posts, and throws unless the job is accepted. */
  async accept(body: Body): Promise<Job> {
    const reply = await this.post(body);
    if (reply.status !== 202) throw new Error(`${reply.status}: ${await reply.text()}`);
    return (await reply.json()) as Job;
  }

  async job(id: string): Promise<Job> {
    const reply = await this.fetch(`/api/jobs/${id}`);
    if (reply.status !== 200) throw new Error(`${reply.status}: ${await reply.text()}`);
    return (await reply.json()) as Job;
  }

  /** Waits until the job has ended, however long it takes; the test's own time-out is the limit. */
  async ended(id: string): Promise<Job> {
    const start = performance.now();
    for (;;) {
      const job = await this.job(id);
      if (["succeeded", "failed", "canceled"].includes(job.status)) return job;
      await pauseAfter(start);
    }
  }

  async run(body: Body): Promise<Job> {
    return this.ended((await this.accept(body)).id);
  }

  async refused(body: Body): Promise<ErrorReply["error"] & { status: number }> {
    const reply = await this.post(body);
    return { ...((await reply.json()) as ErrorReply).error, status: reply.status };
  }

  async ledger(promptIncludes = ""): Promise<Ledger> {
    const query = promptIncludes === "" ? "" : `?prompt_includes=${encodeURIComponent(promptIncludes)}`;
    return (await (await fetch(`${this.running.simulator ?? ""}/simulator/ledger${query}`)).json()) as Ledger;
  }

  /** Calls that asked for images, in the order in which they came. */
  async calls(promptIncludes: string): Promise<LedgerCall[]> {
    const { calls } = await this.ledger(promptIncludes);
    return calls
      .filter(({ route }) => ["generate", "edit", "submit"].includes(route))
      .sort((a, b) => a.started_at - b.started_at);
  }
}
