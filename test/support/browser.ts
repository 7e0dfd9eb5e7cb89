import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { findChromium } from "../../scripts/chromium.ts";
import { type LiveDarkroom, type LiveOptions, useDarkroom, useSharedDarkroom } from "./darkroom.ts";

const executablePath = findChromium();
if (executablePath === undefined) {
  process.stderr.write(
    "\n!!! The browser tier is SKIPPED: there is no Chromium here. Install it, or name it by CHROMIUM_PATH.\n\n",
  );
}

/** A group of tests that need a browser; skipped, and loudly so, where there is none. */
export const inBrowser = describe.skipIf(executablePath === undefined);

/** The real app, shared unless it needs options, and a real browser for one test file. After each test nothing may stand in the browser's console. */
export function useBrowser(options?: LiveOptions): LiveBrowser {
  // A file whose tests are all skipped starts nothing.
  if (executablePath === undefined) return new LiveBrowser(undefined as never);
  const live = new LiveBrowser(options ? useDarkroom(options) : useSharedDarkroom());
  beforeAll(async () => live.start(executablePath));
  afterEach(async () => live.closePages());
  afterAll(async () => live.stop());
  return live;
}

// A request that is refused, or finds no network, is written there by the browser itself.
const expected = /^Failed to load resource: (the server responded with a status of|net::ERR_)/;

// Playwright's own.
const defaultViewport = { width: 1280, height: 720 };

export class LiveBrowser {
  readonly darkroom: LiveDarkroom;
  #browser: Browser | undefined;
  #contexts: BrowserContext[] = [];
  /** The first page of each test is the same one, emptied: to start another's process and fill its caches takes a second of CPU. */
  #kept: Page | undefined;
  #isTaken = false;
  #complaints: string[] = [];

  constructor(darkroom: LiveDarkroom) {
    this.darkroom = darkroom;
  }

  async start(path: string): Promise<void> {
    this.#browser = await chromium.launch({
      executablePath: path,
      // CI runs as root in a container, where Chromium's own sandbox can't be set up.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }

  /** Violations of the content-security policy are among what is found here. */
  async closePages(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    this.#contexts = [];
    if (this.#kept && this.#isTaken) await this.#empty(this.#kept);
    this.#isTaken = false;
    const complaints = this.#complaints;
    this.#complaints = [];
    expect(complaints).toEqual([]);
  }

  /** A tab at the page's sign-in, which knows nothing of another. */
  async visit(options: BrowserContextOptions = {}, hash = ""): Promise<Page> {
    const { viewport = defaultViewport, colorScheme = "light", ...more } = options;
    const isDefault = !this.#isTaken && Object.keys(more).length === 0;
    const page = isDefault ? await this.#keptPage() : await this.#newPage(options);
    if (isDefault) {
      await page.emulateMedia({ colorScheme });
      if (viewport) await page.setViewportSize(viewport);
    }
    await page.goto(`${this.darkroom.running.url}/${hash}`);
    return page;
  }

  async #keptPage(): Promise<Page> {
    this.#isTaken = true;
    if (!this.#kept) {
      this.#kept = await this.#newPage({});
      // It outlives its test.
      this.#contexts.pop();
    }
    return this.#kept;
  }

  async #newPage(options: BrowserContextOptions): Promise<Page> {
    if (!this.#browser) throw new Error("The browser has not started.");
    const context = await this.#browser.newContext({
      permissions: ["clipboard-read", "clipboard-write"],
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(30_000);
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.#complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !expected.test(message.text())) this.#complaints.push(message.text());
    });
    return page;
  }

  /** Leaves nothing of a test's in it, as far as Darkroom's origin goes: no key, no draft, no intercepted request, no listener, no second tab. */
  async #empty(page: Page): Promise<void> {
    const context = page.context();
    for (const other of context.pages()) if (other !== page) await other.close();
    await context.setOffline(false);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    for (const event of ["request", "download"] as const) page.removeAllListeners(event);
    // From a place of the same origin that runs nothing: a page may write down its draft when it is left.
    await page.goto(`${this.darkroom.running.url}/api/health`);
    await page.evaluate("localStorage.clear(); sessionStorage.clear()");
  }

  async signIn(page: Page, key = this.darkroom.running.key ?? ""): Promise<void> {
    await page.getByLabel("Your key").fill(key);
    await page.getByRole("button", { name: "Open" }).click();
  }

  /** The same, signed in. */
  async open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.visit(options);
    await this.signIn(page);
    await promptOf(page).waitFor();
    return page;
  }
}

export const promptOf = (page: Page) => page.getByRole("textbox", { name: "Prompt" });
export const shotOf = (page: Page, prompt: string) => cardOf(page, prompt).locator("a.shot").first();
export const cardOf = (page: Page, prompt: string) => page.locator(".job", { hasText: prompt });

export interface Asked {
  prompt: string;
  model?: string;
  n?: number;
  watch?: boolean;
}

/** Fills in the form as a person would, and sends it. */
export async function ask(
  page: Page,
  { prompt, model = "dall-e-3", n = 1, watch = false }: Asked,
): Promise<void> {
  const form = page.getByRole("region", { name: "New images" });
  // On a phone, all but the prompt is folded away.
  const settings = form.getByRole("button", { name: "Settings" });
  if (await settings.isVisible()) await settings.click();
  await form.getByRole("combobox", { name: "Model" }).selectOption(model);
  await promptOf(page).fill(prompt);
  await form.getByRole("spinbutton", { name: "Images" }).fill(String(n));
  const develop = form.getByLabel("Watch it develop");
  if ((await develop.count()) > 0) await develop.setChecked(watch);
  await form.getByRole("button", { name: /^Make/ }).click();
}
