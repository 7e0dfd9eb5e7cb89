import { expect, it } from "vitest";
import { inBrowser, useBrowser } from "../support/browser.ts";

const live = useBrowser();

inBrowser("the reference at /docs", () => {
  it("shows every group of operations, and loads nothing from elsewhere", async () => {
    const page = await live.visit();
    const { origin } = new URL(page.url());
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${origin}/docs`);
    for (const tag of ["Make", "Jobs", "Deliveries", "Models", "About"])
      await page.locator(`[data-tag="${tag}"]`).first().waitFor();
    await page.locator("#operations-Make-createGeneration").click();
    await page.getByText("Idempotency-Key").first().waitFor();
    expect(asked.filter((address) => !address.startsWith(origin) && !address.startsWith("data:"))).toEqual(
      [],
    );
  });
});
