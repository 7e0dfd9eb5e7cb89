import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Darkroom, startDarkroom } from "../local/darkroom.ts";
import { findChromium } from "./chromium.ts";
import { startScript } from "./start-script.ts";

startScript(`npm run screenshots                  takes README's and the docs' pictures of the page anew
npm run screenshots -- --all FOLDER  takes the page's states into a folder, in both themes and three widths`);

const { values } = parseArgs({ options: { all: { type: "string" } } });
const maxBytes = 400_000;
const docs = fileURLToPath(new URL("../docs/", import.meta.url));

const samples = [
  { model: "dall-e-2", prompt: "A badger wearing a tuxedo", n: 2 },
  { model: "gpt-image-1", prompt: "Watercolor of the Seattle skyline", size: "1024x1536" },
  { model: "gpt-image-1", prompt: "Ten tiny robots", n: 10, quality: "low" },
  { model: "dall-e-3", prompt: "A wide valley with a river, morning fog", size: "1792x1024", n: 2 },
  { model: "gpt-image-1", prompt: "A paper boat on a puddle" },
  { model: "gpt-image-1", prompt: "מגדלור בערפל", size: "1024x1536" },
  { model: "dall-e-3", prompt: "Something that is not allowed [[refuse]]" },
  { model: "dall-e-3", prompt: "A lighthouse keeper's kitchen, late light", n: 4 },
  { model: "gpt-image-1", prompt: "A hot-air balloon over the bay at dawn", size: "1536x1024" },
];

const phone = {
  viewport: { width: 390, height: 844 },
  colorScheme: "dark",
  hasTouch: true,
  isMobile: true,
} as const;

const executablePath = findChromium();
if (executablePath === undefined)
  throw new Error("There is no Chromium here: install it, or name it by CHROMIUM_PATH.");
await mkdir(values.all ?? docs, { recursive: true });
// For pictures of waiting, one model is short of quota; prices stand in the settings, as nobody else sets them.
const scarce = "gpt-image-1-mini";
const price = { currency: "USD", source: "an example", as_of: "2026-11-01" };
const darkroom = await startDarkroom({
  port: 0,
  simulatorArgs: ["--latency-scale", "0.2", "--deployment", `mini=${scarce}`],
  deployments: (place) => [
    place("dalle3", "dall-e-3"),
    place("dall-e-2", "dall-e-2"),
    place("gpt-image", "gpt-image-1"),
    { ...place("mini", scarce), requests_per_minute: 1 },
  ],
  settings: {
    PRICES: JSON.stringify([
      { model: "dall-e-3", per_image: 0.04, ...price },
      { model: "gpt-image-1", per_image: 0.042, ...price },
    ]),
  },
});
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  if (values.all !== undefined) await takeLooks("first-visit", values.all);
  // One of the four is refused, so that it shows what becomes of that.
  const rule = { match: { prompt_includes: "lighthouse", nth: 3 }, times: 1, fault: { refuse: "input" } };
  await configureSimulator(darkroom, "faults", [rule]);
  for (const sample of samples) await make(darkroom, sample);
  if (values.all === undefined) {
    await takeDesktop(browser, darkroom);
    await takePhone(browser, darkroom);
    await takeMask(browser, darkroom);
  } else await takeStates(values.all);
} finally {
  await browser.close();
  await darkroom.stop();
}

async function takeDesktop(from: Browser, to: Darkroom): Promise<void> {
  const page = await open(from, to, { viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  await page.getByRole("textbox", { name: "Prompt" }).fill("A multi-colored umbrella on the beach");
  await shotOf(page, "hot-air balloon").click();
  await page.getByRole("dialog").waitFor();
  await page.evaluate("scrollTo(0, 0)");
  await loaded(page);
  await take(page, join(docs, "page-light.png"));
}

async function takePhone(from: Browser, to: Darkroom): Promise<void> {
  // Slow enough to be caught in the middle.
  await configureSimulator(to, "settings", { latency_scale: 1 });
  const page = await open(from, to, phone);
  await page.getByRole("button", { name: "Settings" }).tap();
  await page.getByRole("combobox", { name: "Model" }).selectOption("gpt-image-1");
  await page.getByRole("textbox", { name: "Prompt" }).fill("A fishing boat in the fog");
  await page.getByRole("button", { name: "Make an image" }).tap();
  // The second partial picture: no longer coarse, not yet done.
  await page.locator('.frame.developing[data-step="1"]').first().waitFor();
  await loaded(page);
  await take(page, join(docs, "page-dark.png"));
  await page.getByRole("button", { name: "Cancel this job" }).tap();
  await page.getByText("Canceled", { exact: true }).first().waitFor();
}

async function takeMask(from: Browser, to: Darkroom): Promise<void> {
  const page = await open(from, to, { viewport: { width: 1280, height: 880 }, colorScheme: "light" });
  await paintOn(page);
  await take(page, join(docs, "page-mask.png"));
}

async function paintOn(page: Page): Promise<void> {
  await shotOf(page, "hot-air balloon").click();
  await page.getByRole("link", { name: "Edit image 1" }).click();
  const canvas = page.locator("canvas.paint");
  await page.getByLabel("What should change").fill("A flock of cranes");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("The canvas is not to be seen.");
  const at = (x: number, y: number): [number, number] => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(0.12, 0.2));
  await page.mouse.down();
  for (let step = 0; step <= 24; step += 1)
    await page.mouse.move(...at(0.12 + step * 0.011, 0.2 + 0.05 * Math.sin(step / 3)));
  await page.mouse.up();
}

/** What the page looks like in each of its states; the name is that of the picture. */
async function takeStates(folder: string): Promise<void> {
  const quiet = () => Promise.resolve();
  const states: Record<string, (page: Page) => Promise<unknown>> = {
    sheet: quiet,
    inspector: (page) => shotOf(page, "hot-air balloon").click(),
    "inspector-four": (page) => shotOf(page, "lighthouse").click(),
    mask: paintOn,
    compare: async (page) => {
      for (const prompt of ["paper boat", "hot-air balloon"]) {
        await shotOf(page, prompt).focus();
        await page.keyboard.press("c");
      }
      await page.locator(".pair-view").waitFor();
    },
    "no-match": (page) => page.getByRole("searchbox").fill("no such words"),
    long: (page) => page.getByRole("textbox", { name: "Prompt" }).fill("fog over the harbor, ".repeat(150)),
    composer: async (page) => {
      const settings = page.getByRole("button", { name: "Settings" });
      if (await settings.isVisible()) await settings.click();
      await page.getByText("More", { exact: true }).click();
    },
    offline: (page) => page.context().setOffline(true),
  };
  for (const [name, reach] of Object.entries(states)) await takeLooks(name, folder, reach);
  await arrangeStates();
  await takeLooks("states", folder);
  await takeLooks("waiting", folder, (page) => shotOf(page, "Second in a short line").click());
  await takeLooks("file-gone", folder, async (page) => {
    await page.route("**/images/**", (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await page.locator(".frame.gone").first().waitFor();
  });
}

/** A job in each state that a frame can have, all at once. */
async function arrangeStates(): Promise<void> {
  await configureSimulator(darkroom, "settings", { latency_scale: 1 });
  const canceled = await post({ model: "dall-e-3", prompt: "Canceled in time [[latency=60000]]" });
  await send(`/api/jobs/${canceled.id}/cancel`, {});
  // Tried three times by the first picture: the service is known to be away.
  await post({ model: "dall-e-2", prompt: "Not there just now [[503]]" });
  await make(darkroom, { model: "dall-e-3", prompt: "The service rejects it [[status=404]]" });
  await make(darkroom, { model: scarce, prompt: "First in a short line" });
  await post({ model: scarce, prompt: "Second in a short line", n: 2 });
  await post({ model: "dall-e-3", prompt: "Two of four so far [[latency=2000]]", n: 2 });
  await post({
    model: "gpt-image-1",
    prompt: "Developing for a long while [[latency=240000 partials=2]]",
    stream: true,
    partial_images: 2,
  });
}

async function post(body: object): Promise<{ id: string }> {
  return (await send("/api/images/generations", body)) as { id: string };
}

async function send(path: string, body: object): Promise<unknown> {
  const headers = { "api-key": darkroom.key ?? "", "content-type": "application/json" };
  const reply = await fetch(`${darkroom.url}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  return reply.json();
}

async function takeLooks(
  name: string,
  folder: string,
  reach?: (page: Page) => Promise<unknown>,
): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 1920, 390]) {
      const touch = width === 390 ? { hasTouch: true, isMobile: true } : {};
      const look = { colorScheme, viewport: { width, height: width === 390 ? 844 : 960 }, ...touch };
      const page = await open(browser, darkroom, look);
      await reach?.(page);
      if (name !== "offline") await loaded(page);
      await take(page, join(folder, `${name}-${colorScheme}-${width}.png`), Infinity);
      await page.context().close();
    }
  }
}

async function open(from: Browser, { url, key }: Darkroom, options: BrowserContextOptions): Promise<Page> {
  const context = await from.newContext({ ...options, reducedMotion: "reduce", bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${url}/#key=${encodeURIComponent(key ?? "")}`);
  await page.locator(".job, .first").first().waitFor();
  await page.locator(".composer form").waitFor();
  return page;
}

function shotOf(page: Page, prompt: string) {
  return page.locator(".job", { hasText: prompt }).locator("a.shot").first();
}

/** Every picture that is asked for is there; what is far below isn't, until it is scrolled to. */
async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(
    `[...document.images].every((image) => image.loading === "lazy" && image.getBoundingClientRect().top > innerHeight
      || image.complete && image.naturalWidth > 0)`,
  );
}

async function take(page: Page, path: string, most = maxBytes): Promise<void> {
  await page.screenshot({ path });
  const { size } = await stat(path);
  console.log(`${path}  ${Math.round(size / 1000)} kB`);
  if (size > most) throw new Error(`${path} has more than ${most} bytes.`);
}

async function make({ url, key }: Darkroom, sample: object): Promise<void> {
  const reply = await fetch(`${url}/api/images/generations`, {
    method: "POST",
    headers: { "api-key": key ?? "", "content-type": "application/json", prefer: "wait=60" },
    body: JSON.stringify(sample),
  });
  if (reply.status !== 200) throw new Error(`${reply.status}: ${await reply.text()}`);
}

async function configureSimulator({ simulator }: Darkroom, what: string, body: object): Promise<void> {
  const reply = await fetch(`${simulator ?? ""}/simulator/${what}`, {
    method: "PUT",
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(await reply.text());
}
