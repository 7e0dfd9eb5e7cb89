import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, it } from "vitest";
import { ask, cardOf, inBrowser, promptOf, shotOf, useBrowser } from "../support/browser.ts";

const live = useBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** Of every impact, as "rule: element". */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate<{ violations: Finding[] }>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${target.join(" ")} ${failureSummary}`),
  );
}

const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => [colorScheme, width] as const),
);

inBrowser("nothing stands in the way of anybody", () => {
  it.each(looks)("in %s, %i pixels wide", async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 844 } };
    const page = await live.visit(options);
    expect(await violations(page)).toEqual([]);

    await live.signIn(page);
    await promptOf(page).waitFor();
    await ask(page, { prompt: `three geese, ${colorScheme}, ${width} [[refuse nth=2]]`, n: 3 });
    const card = cardOf(page, `${colorScheme}, ${width}`);
    await card.getByText("Done in part", { exact: true }).waitFor();
    const settings = page.getByRole("button", { name: "Settings" });
    if (await settings.isVisible()) await settings.click();
    await page.getByText("More", { exact: true }).click();
    await page.getByText("As a command").click();
    expect(await violations(page)).toEqual([]);
    const close = page.getByRole("button", { name: "Close" });
    if (await close.isVisible()) await close.click();
    // Nothing is wider than the window.
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);

    // Which of the three is refused, their order at the service decides.
    await card.locator("a.shot:has(.made)").first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete" }).click();
    expect(await violations(page)).toEqual([]);
    await dialog
      .getByRole("link", { name: /^Edit image/ })
      .first()
      .click();
    await page.locator("canvas.paint").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("a job is asked for, opened and left with keys alone", async () => {
    const page = await live.open();
    await page.locator("textarea").focus();
    await page.keyboard.type("a goose by keys");
    await page.keyboard.press("Control+Enter");
    await cardOf(page, "a goose by keys").getByText("Done", { exact: true }).waitFor();
    await shotOf(page, "a goose by keys").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // What happened was also said.
    expect(await page.locator("p[role=status]").first().textContent()).toMatch(/Done: 1 of 1 image/);
  });

  it("focus stays where the work is: after sending, after a refusal, after a change of mind", async () => {
    const page = await live.open();
    const focused = (name: string) =>
      page.getByRole("button", { name }).and(page.locator(":focus")).waitFor();
    await page.locator("textarea").fill("a goose that stays");
    await page.getByRole("button", { name: "Make an image" }).focus();
    await page.keyboard.press("Enter");
    const card = cardOf(page, "a goose that stays");
    await card.getByText("Done", { exact: true }).waitFor();
    await focused("Sent");

    await card.locator("a.shot").first().press("Enter");
    await page.getByRole("button", { name: "Delete" }).press("Enter");
    await focused("Delete for good");
    await page.getByRole("button", { name: "Keep" }).press("Enter");
    await focused("Delete");
    await page.keyboard.press("Escape");

    await page.getByRole("link", { name: "Edit a picture" }).press("Enter");
    const dialog = page.getByRole("dialog");
    const buffer = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#48c" } })
      .png()
      .toBuffer();
    await dialog
      .locator("input[type=file]")
      .setInputFiles({ name: "blue.png", mimeType: "image/png", buffer });
    await dialog.getByText("Change the whole picture").click();
    await dialog.getByRole("button", { name: "Edit", exact: true }).press("Enter");
    await dialog.locator("textarea:focus[aria-invalid=true]").waitFor();
    await dialog.getByRole("button", { name: "Other picture" }).press("Enter");
    await dialog.locator("input[type=file]:focus").waitFor();
  });
});
