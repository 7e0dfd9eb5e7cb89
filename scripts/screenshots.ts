import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Darkroom, startDarkroom } from "../local/darkroom.ts";
import { findChromium } from "./chromium.ts";
import { startScript } from "./start-script.ts";

startScript(`npm run screenshots                  takes README's and the docs' pictures of the page anew
npm run screenshots -- --all FOLDER  takes every state of the page, in both themes and three widths`);

/** `npm run screenshots`: runs everything, uses the page as a person would, and writes docs/page-*.png for README. */

const maxBytes = 300_000;
const docs = fileURLToPath(new URL("../docs/", import.meta.url));

const samples = [
  {
    model: "gpt-image-1",
    prompt: "A hot-air balloon over the bay at dawn",
    size: "1536x1024",
    quality: "high",
  },
  { model: "dall-e-3", prompt: "A lighthouse keeper's kitchen, late light", n: 4 },
  { model: "dall-e-2", prompt: "A badger wearing a tuxedo", n: 2 },
  { model: "gpt-image-1", prompt: "Watercolor of the Seattle skyline", size: "1024x1536" },
];

const executablePath = findChromium();
if (executablePath === undefined)
  throw new Error("There is no Chromium here: install it, or name it by CHROMIUM_PATH.");
await mkdir(docs, { recursive: true });
const darkroom = await startDarkroom({ port: 0, simulatorArgs: ["--latency-scale", "0.2"] });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  // One of the four is refused, so that it shows what becomes of that.
  const rule = { match: { prompt_includes: "lighthouse", nth: 3 }, times: 1, fault: { refuse: "input" } };
  await configureSimulator(darkroom, "faults", [rule]);
  for (const sample of samples) await make(darkroom, sample);
  await takeDesktop(browser, darkroom);
  await takePhone(browser, darkroom);
  await takeMask(browser, darkroom);
} finally {
  await browser.close();
  await darkroom.stop();
}

async function takeDesktop(from: Browser, to: Darkroom): Promise<void> {
  const page = await open(from, to, { viewport: { width: 1280, height: 880 }, colorScheme: "light" });
  await page
    .getByRole("textbox", { name: "Prompt" })
    .fill("A multi-colored umbrella on the beach, disposable camera");
  await loaded(page);
  await take(page, "page-light.png");
}

async function takePhone(from: Browser, to: Darkroom): Promise<void> {
  // Slow enough to be caught in the middle.
  await configureSimulator(to, "settings", { latency_scale: 1 });
  const page = await open(from, to, {
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
    hasTouch: true,
    isMobile: true,
  });
  await page.getByRole("combobox", { name: "Model" }).first().selectOption("gpt-image-1");
  await page.getByRole("textbox", { name: "Prompt" }).fill("A fishing boat in the fog");
  await page.getByRole("button", { name: "Make an image" }).click();
  // The second partial picture: no longer coarse, not yet done.
  await page.locator('.frame.developing[data-step="1"]').waitFor();
  await loaded(page);
  await take(page, "page-dark.png");
  await page.getByRole("button", { name: "Cancel this job" }).click();
  await page.getByText("Canceled", { exact: true }).waitFor();
}

async function takeMask(from: Browser, to: Darkroom): Promise<void> {
  const page = await open(from, to, { viewport: { width: 1280, height: 880 }, colorScheme: "light" });
  await page.locator(".job", { hasText: "hot-air balloon" }).getByRole("link").click();
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
  await take(page, "page-mask.png");
}

async function open(from: Browser, { url, key }: Darkroom, options: BrowserContextOptions): Promise<Page> {
  const context = await from.newContext({ ...options, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel("Your key").fill(key ?? "");
  await page.getByRole("button", { name: "Open" }).click();
  await page.locator(".job").first().waitFor();
  return page;
}

/** Every picture in sight is there. */
async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(
    "[...document.images].every((image) => image.complete && image.naturalWidth > 0)",
  );
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: docs + name });
  const { size } = await stat(docs + name);
  console.log(`docs/${name}  ${Math.round(size / 1000)} kB`);
  if (size > maxBytes) throw new Error(`docs/${name} has more than ${maxBytes} bytes.`);
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
