import { expect, it } from "vitest";
import { ask, cardOf, inBrowser, useBrowser } from "../support/browser.ts";

const live = useBrowser({ simulatorSettings: { latency_scale: 1 } });

inBrowser("a job under way", () => {
  it("develops before one's eyes, coarse pictures first", async () => {
    const page = await live.open();
    await ask(page, { model: "gpt-image-1", prompt: "a lighthouse, slowly [[latency=6000]]", watch: true });
    const card = cardOf(page, "a lighthouse, slowly");
    await card.locator('.frame.developing[data-step="0"] img').waitFor();
    await card.locator('.frame.developing[data-step="1"] img').waitFor();
    await card.locator(".frame.made img").waitFor();
    await card.getByText("Done", { exact: true }).waitFor();
  });

  it("is canceled, and nothing comes of it any more", async () => {
    const page = await live.open();
    await ask(page, { prompt: "a very long wait [[latency=60000]]" });
    const card = cardOf(page, "a very long wait");
    await card.getByText("Developing", { exact: true }).waitFor();
    await card.getByRole("button", { name: "Cancel this job" }).click();
    await card.getByText("Canceled", { exact: true }).waitFor();
    expect(await card.locator(".frame.made").count()).toBe(0);
  });

  it("says that the service is away, and when it is asked again", async () => {
    const page = await live.open();
    await ask(page, { model: "dall-e-2", prompt: "nobody there [[503]]" });
    const card = cardOf(page, "nobody there");
    await card.getByText(/^The service is away, asked again in about \d+ s/).waitFor();
    await card.getByText("Waiting", { exact: true }).waitFor();
    await card.getByRole("button", { name: "Cancel this job" }).click();
    await card.getByText("Canceled", { exact: true }).waitFor();
  });

  it("is taken up again where it stands when the page is reloaded in its middle", async () => {
    const page = await live.open();
    await ask(page, { model: "gpt-image-1", prompt: "a bridge, slowly [[latency=6000]]", watch: true });
    const card = cardOf(page, "a bridge, slowly");
    await card.locator(".frame.developing").waitFor();
    await page.reload();
    // The past is told first: what had developed before is there again.
    await card.locator(".frame.developing").waitFor();
    await card.getByText("Done", { exact: true }).waitFor();
    expect((await live.darkroom.ledger("a bridge, slowly")).totals.calls).toBe(1);
  });
});

inBrowser("without a network", () => {
  it("the page says so, and goes on by itself when it is back", async () => {
    const page = await live.open();
    await ask(page, { prompt: "a cave [[latency=3000]]" });
    await cardOf(page, "a cave").getByText("Developing", { exact: true }).waitFor();
    await page.context().setOffline(true);
    await page.getByText("No connection. It resumes by itself.").first().waitFor();
    await page.context().setOffline(false);
    await cardOf(page, "a cave").getByText("Done", { exact: true }).waitFor();
    await expect.poll(() => page.locator(".network.away").count()).toBe(0);
  });

  it("what is sent is sent when it is back, once", async () => {
    const page = await live.open();
    // The answer is lost, not the request: as in a tunnel.
    let tries = 0;
    await page.route("**/api/images/generations", async (route) => {
      tries += 1;
      if (tries > 1) return route.continue();
      await live.darkroom.fetch("/api/images/generations", {
        method: "POST",
        headers: await route.request().allHeaders(),
        body: route.request().postData() ?? "",
      });
      await route.abort("connectionreset");
    });
    await ask(page, { prompt: "a tunnel" });
    await cardOf(page, "a tunnel").getByText("Done", { exact: true }).waitFor();
    expect(tries).toBe(2);
    expect((await live.darkroom.ledger("a tunnel")).totals.images_billed).toBe(1);
  });
});
