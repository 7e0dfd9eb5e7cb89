import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import sharp from "sharp";
import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { inBrowser, useBrowser } from "../support/browser.ts";

const live = useBrowser();

async function aJobToEdit(): Promise<Job> {
  return live.darkroom.run({ model: "gpt-image-1", prompt: "a calm sea", size: "1536x1024" });
}

/** The editor on the job's image, with its form filled in. */
async function editorOf(job: Job, prompt: string, options?: BrowserContextOptions): Promise<[Page, Locator]> {
  const page = await live.open(options);
  await page.goto(`${live.darkroom.running.url}/#edit/${job.id}/0`);
  const dialog = page.getByRole("dialog", { name: "Edit a picture" });
  await dialog.locator("canvas.paint").waitFor();
  await dialog.getByLabel("What should change").fill(prompt);
  const develop = dialog.getByLabel("Watch it develop");
  if ((await develop.count()) > 0) await develop.uncheck();
  return [page, dialog];
}

/** A finger's stroke as a screen tells it, between two places in shares of the element. */
async function stroke(page: Page, on: Locator, from: [number, number], to: [number, number]): Promise<void> {
  await on.scrollIntoViewIfNeeded();
  const box = await on.boundingBox();
  if (!box) throw new Error("It is not to be seen.");
  const screen = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove", share: number) => {
    const [x, y] = [0, 1].map((axis) => (from[axis] ?? 0) + share * ((to[axis] ?? 0) - (from[axis] ?? 0)));
    const point = { x: box.x + box.width * (x ?? 0), y: box.y + box.height * (y ?? 0) };
    return screen.send("Input.dispatchTouchEvent", { type, touchPoints: [point] });
  };
  await touch("touchStart", 0);
  for (const share of [0.25, 0.5, 0.75, 1]) await touch("touchMove", share);
  await screen.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

/** Sends the edit and waits for its end. */
async function edited(page: Page, dialog: Locator): Promise<Job> {
  await dialog.getByRole("button", { name: "Edit", exact: true }).click();
  await page.waitForURL(/#job_/);
  return live.darkroom.ended(page.url().split("#")[1] ?? "");
}

/** Whether the result differs from its source at a place, given in shares of both. */
async function differs(before: Job, after: Job, x: number, y: number): Promise<boolean> {
  const pixel = async (job: Job): Promise<number[]> => {
    const bytes = await (await live.darkroom.fetch(`/api/jobs/${job.id}/images/0?download=1`)).arrayBuffer();
    const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
    return [...data.subarray(at, at + 3)];
  };
  return (await pixel(before)).join() !== (await pixel(after)).join();
}

inBrowser("an edit", () => {
  it("changes what was painted over, and nothing else, also when it is varied", async () => {
    const source = await aJobToEdit();
    const [page, dialog] = await editorOf(source, "a balloon");
    // Its form's lower end was used last.
    await dialog.locator("canvas.paint").hover();
    await page.mouse.wheel(0, -2_000);
    await expect
      .poll(async () => (await dialog.locator(".board").boundingBox())?.y ?? 0)
      .toBeGreaterThan(100);
    const box = await dialog.locator("canvas.paint").boundingBox();
    if (!box) throw new Error("The canvas is not to be seen.");
    // A tap is a dot.
    await page.mouse.click(box.x + box.width * 0.9, box.y + box.height * 0.15);
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.15);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.15, { steps: 8 });
    await page.mouse.up();
    await dialog.getByText("Landscape 3:2").click({ force: true });
    const result = await edited(page, dialog);
    expect(result).toMatchObject({
      status: "succeeded",
      request: { mask: { width: 1536, height: 1024, content_type: "image/png" } },
    });
    expect(await differs(source, result, 0.25, 0.15)).toBe(true);
    expect(await differs(source, result, 0.9, 0.15)).toBe(true);
    expect(await differs(source, result, 0.25, 0.7)).toBe(false);
    // In a tab that never had the mask.
    await page.reload();
    await page.getByRole("dialog").getByRole("button", { name: "Vary" }).click();
    await page.waitForURL((url) => url.hash.startsWith("#job_") && url.hash !== `#${result.id}`);
    const varied = await live.darkroom.ended(new URL(page.url()).hash.slice(1));
    expect(varied).toMatchObject({ status: "succeeded", kind: "edit", metadata: result.metadata });
    expect(await differs(source, varied, 0.25, 0.15)).toBe(true);
    expect(await differs(source, varied, 0.25, 0.7)).toBe(false);
    await page.getByRole("slider", { name: /picture before/ }).waitFor();
  });

  it("is painted, compared, varied and deleted with a finger on a phone, in the dark", async () => {
    const source = await aJobToEdit();
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
    const [page, dialog] = await editorOf(source, "a kite", { ...phone, colorScheme: "dark" });
    await stroke(page, dialog.locator("canvas.paint"), [0.1, 0.15], [0.4, 0.15]);
    await dialog.getByText("Landscape 3:2").tap({ force: true });
    const result = await edited(page, dialog);
    expect(await differs(source, result, 0.25, 0.15)).toBe(true);
    expect(await differs(source, result, 0.25, 0.7)).toBe(false);
    const slider = page.getByRole("slider", { name: /picture before/ });
    await stroke(page, slider, [0.5, 0.5], [0.8, 0.5]);
    await expect.poll(async () => Number(await slider.inputValue())).toBeGreaterThan(65);
    const panel = page.getByRole("dialog");
    await panel.getByRole("button", { name: "Vary" }).tap();
    await page.waitForURL((url) => url.hash.startsWith("#job_") && url.hash !== `#${result.id}`);
    const varied = await live.darkroom.ended(new URL(page.url()).hash.slice(1));
    expect(varied).toMatchObject({ status: "succeeded", kind: "edit" });
    await panel.getByRole("button", { name: "Delete" }).tap();
    await page.getByRole("button", { name: "Delete for good" }).tap();
    await panel.waitFor({ state: "detached" });
    expect((await live.darkroom.fetch(`/api/jobs/${varied.id}`)).status).toBe(404);
  });

  it("is painted with keys alone, wiped and undone", async () => {
    const source = await aJobToEdit();
    const [page, dialog] = await editorOf(source, "a buoy");
    await dialog.getByRole("application").focus();
    for (const key of ["Enter", "Delete", "Control+z", "Shift+ArrowLeft", "ArrowDown"])
      await page.keyboard.press(key);
    await dialog
      .getByText(/45% wide, 50% high, 25% from the left, 30% from the top/)
      .waitFor({ state: "attached" });
    await dialog.getByText("Landscape 3:2").click({ force: true });
    const result = await edited(page, dialog);
    expect(await differs(source, result, 0.27, 0.27)).toBe(true);
    expect(await differs(source, result, 0.1, 0.1)).toBe(false);
  });

  it("of nothing is not sent, and of the whole picture needs no paint", async () => {
    const source = await aJobToEdit();
    const [page, dialog] = await editorOf(source, "all of it");
    await dialog.getByRole("button", { name: "Edit", exact: true }).click();
    await dialog.getByText("Paint over what should change").first().waitFor();
    await dialog.getByLabel("Change the whole picture").check();
    const result = await edited(page, dialog);
    expect(result.status).toBe("succeeded");
    expect(result.request).not.toHaveProperty("mask");
  });

  it("begins with a file of one's own, too", async () => {
    const page = await live.open();
    await page.getByRole("link", { name: "Edit a picture" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit a picture" });
    const buffer = await sharp({ create: { width: 300, height: 200, channels: 3, background: "teal" } })
      .jpeg()
      .toBuffer();
    await dialog
      .locator("input[type=file]")
      .setInputFiles({ name: "mine.jpg", mimeType: "image/jpeg", buffer });
    await dialog.locator("canvas.paint").waitFor();
    await dialog.getByLabel("What should change").fill("mine");
    const develop = dialog.getByLabel("Watch it develop");
    if ((await develop.count()) > 0) await develop.uncheck();
    await dialog.getByRole("application").focus();
    await page.keyboard.press("Enter");
    const result = await edited(page, dialog);
    expect(result).toMatchObject({ status: "succeeded", request: { mask: { width: 300, height: 200 } } });
  });

  it("gives the mask that its command names", async () => {
    const [page, dialog] = await editorOf(await aJobToEdit(), "a balloon");
    await dialog.locator(".board").press("Enter");
    await dialog.getByText("As a command").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Save mask.png" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("mask.png");
    expect(await sharp(await download.path()).metadata()).toMatchObject({ width: 1536, height: 1024 });
  });
});
