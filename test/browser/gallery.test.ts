import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { ask, cardOf, inBrowser, promptOf, shotOf, useBrowser } from "../support/browser.ts";

const live = useBrowser();

inBrowser("the sign-in", () => {
  it("says that a wrong key is wrong, keeps it from the address, and asks again", async () => {
    const page = await live.visit();
    await live.signIn(page, "a-key-that-nobody-gave");
    await page.getByText("This key is not known here").waitFor();
    expect(await page.getByLabel("Your key").inputValue()).toBe("a-key-that-nobody-gave");
    await live.signIn(page);
    await promptOf(page).waitFor();
    expect(page.url()).toBe(`${live.darkroom.running.url}/`);
  });

  it("stays open over a reload, in this tab alone, until the key is forgotten", async () => {
    const page = await live.open();
    await page.reload();
    await promptOf(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel("Your key").waitFor();
    await page.getByRole("button", { name: "Forget key" }).click();
    await page.reload();
    await page.getByLabel("Your key").waitFor();
  });
});

inBrowser("a key that dies while it is used", () => {
  it("is asked for anew, and what was being written is there again", async () => {
    const page = await live.open();
    await page.locator("textarea:focus").waitFor();
    await promptOf(page).fill("a precious draft");
    const error = { code: "unauthorized", message: "This key is not known here.", retryable: false };
    await page.route("**/api/images/generations", (route) => route.fulfill({ status: 401, json: { error } }));
    await page.getByRole("button", { name: /^Make/ }).click();
    await page.getByText("This key is not known here any more.").waitFor();
    await live.signIn(page);
    await promptOf(page).waitFor();
    expect(await promptOf(page).inputValue()).toBe("a precious draft");
  });
});

inBrowser("the form", () => {
  it("opens what is folded away over a field with which something is wrong", async () => {
    const page = await live.open();
    await page.getByText("More", { exact: true }).click();
    await page.getByLabel("Tags").fill("one two three four five six seven eight nine");
    await page.getByText("More", { exact: true }).click();
    await ask(page, { prompt: "too many tags" });
    await page.locator("input[name=tags]:focus").waitFor();
    await page.getByLabel("Tags").fill("one");
    await ask(page, { prompt: "too many tags" });
    await cardOf(page, "too many tags").waitFor();
  });

  it("shows what the chosen model knows, and nothing else", async () => {
    const page = await live.open();
    const form = page.getByRole("region", { name: "New images" });
    await form.getByRole("combobox", { name: "Model" }).selectOption("dall-e-3");
    await form.getByRole("radio", { name: "Vivid" }).waitFor();
    await form.getByRole("combobox", { name: "Model" }).selectOption("gpt-image-1");
    await form.getByLabel("Watch it develop").waitFor();
    expect(await form.getByRole("radio", { name: "Vivid" }).count()).toBe(0);
    await form.getByRole("combobox", { name: "Model" }).selectOption("dall-e-2");
    expect(await form.getByRole("group", { name: "Quality" }).count()).toBe(0);
  });

  it("shows at the field what the server has against it", async () => {
    const page = await live.open();
    await ask(page, { prompt: "" });
    const prompt = promptOf(page);
    await page.locator("textarea[aria-invalid=true]").waitFor();
    await page.locator("textarea:focus").waitFor();
    const described = await prompt.getAttribute("aria-describedby");
    expect(await page.locator(`[id="${described ?? ""}"]`).textContent()).toMatch(/prompt/);
  });

  it("shows the request as a command, without the key", async () => {
    const page = await live.open();
    await promptOf(page).fill("it's a cat");
    await page.getByText("As a command").click();
    await page.getByRole("button", { name: "Copy command" }).click();
    const copied = String(await page.evaluate("navigator.clipboard.readText()"));
    expect(copied).toContain("api-key: $DARKROOM_KEY");
    expect(copied).not.toContain(live.darkroom.running.key);
  });
});

inBrowser("a list of sixty thumbnails", () => {
  it("is read again without a download of a picture", async () => {
    // Another caller's, so that no other test's page draws them all.
    const { darkroom } = live;
    const headers = { "api-key": darkroom.otherKey };
    const read = async (reply: Promise<Response>) => (await (await reply).json()) as Job;
    const jobs = await Promise.all(
      Array.from({ length: 6 }, (_, at) => {
        const prompt = `wallpaper ${at} [[image-size=64x64]]`;
        return read(
          darkroom.post({ model: "gpt-image-1", n: 10, prompt }, { ...headers, prefer: "wait=60" }),
        );
      }),
    );
    await expect
      .poll(async () => {
        const now = await Promise.all(
          jobs.map(({ id }) => read(darkroom.fetch(`/api/jobs/${id}`, { headers }))),
        );
        return now.flatMap(({ images }) => images).filter((image) => image.thumbnail_url).length;
      })
      .toBe(60);
    // So tall that no frame is left for when it is scrolled to.
    const page = await live.visit({ viewport: { width: 1280, height: 8_000 } });
    const downloads: string[] = [];
    const cached = new Set<string>();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    devtools.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
    devtools.on("Network.responseReceived", ({ requestId, type, response }) => {
      const isCached = cached.has(requestId) || response.fromDiskCache === true;
      if (type === "Image" && response.url.includes(".512.webp") && !isCached) downloads.push(response.url);
    });
    const shown = async () =>
      page
        .locator(".frame.made img")
        .evaluateAll(
          (images) =>
            images.filter((image) => (image as { naturalWidth?: number }).naturalWidth === 64).length,
        );
    const hour = () => Math.floor(Date.now() / 3_600_000);
    const firstHour = hour();
    await live.signIn(page, darkroom.otherKey);
    await expect.poll(shown, { timeout: 30_000 }).toBe(60);
    expect(new Set(downloads).size).toBeGreaterThanOrEqual(60);
    const readAgain = async () => {
      downloads.length = 0;
      await page.reload();
      await expect.poll(shown, { timeout: 30_000 }).toBe(60);
    };
    await readAgain();
    // Links change with the hour.
    if (hour() !== firstHour) await readAgain();
    expect(downloads).toEqual([]);
  });
});

inBrowser("a generation", () => {
  it("hangs on the sheet, image by image, and opens with what the service drew from", async () => {
    const page = await live.open();
    await ask(page, { prompt: "two calm otters", n: 2 });
    const card = cardOf(page, "two calm otters");
    await card.getByText("Done", { exact: true }).waitFor();
    expect(await card.locator(".frame.made img").count()).toBe(2);
    const width = "document.querySelector('.frame.made img').naturalWidth";
    await expect.poll(async () => Number(await page.evaluate(width))).toBeGreaterThan(0);
    await card.locator("a.shot").first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: "Done: 2 of 2 images." }).waitFor();
    await dialog.getByText("Details", { exact: true }).click();
    await dialog.getByText("Drawn from").first().waitFor();
    await dialog.getByText("Kept until").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Download image 1" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^job_\w+-0\.png$/);
    await dialog.getByRole("button", { name: "Copy link" }).first().click();
    const link = String(await page.evaluate("navigator.clipboard.readText()"));
    expect((await fetch(link)).headers.get("content-type")).toBe("image/png");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await card.locator("a.shot:focus").waitFor();
  });

  it("that is refused in part says of each slot what became of it", async () => {
    const page = await live.open();
    await ask(page, { prompt: "three otters, one too many [[refuse nth=2]]", n: 3 });
    const card = cardOf(page, "one too many");
    await card.getByText("Done in part", { exact: true }).waitFor();
    expect(await card.locator(".frame.refused").count()).toBe(1);
    await card.locator("a.shot:has(.refused)").click();
    await page
      .getByRole("dialog")
      .getByText(/Image \d: Refused by the service's content policy/)
      .waitFor();
  });

  it("that is refused whole is called refused", async () => {
    const page = await live.open();
    await ask(page, { prompt: "nothing of the kind [[refuse]]" });
    await cardOf(page, "nothing of the kind").getByText("Refused", { exact: true }).first().waitFor();
  });

  it("is made again, and deleted for good", async () => {
    const page = await live.open();
    await ask(page, { prompt: "an otter, twice" });
    await cardOf(page, "an otter, twice").getByText("Done", { exact: true }).waitFor();
    await shotOf(page, "an otter, twice").click();
    const first = page.url();
    await page.getByRole("dialog").getByRole("button", { name: "Vary" }).click();
    await page.waitForURL((url) => url.href !== first);
    const again = page.url();
    await page.getByRole("dialog").getByRole("heading", { name: "Done: 1 of 1 image." }).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const id = again.split("#")[1] ?? "";
    expect((await live.darkroom.fetch(`/api/jobs/${id}`)).status).toBe(404);
    expect(await cardOf(page, "an otter, twice").count()).toBe(1);
  });

  it("shows words in their own direction", async () => {
    const page = await live.open();
    await ask(page, { prompt: "מגדלור בערפל (1 of 2)" });
    await promptOf(page).and(page.locator(":dir(rtl)")).waitFor();
    const card = cardOf(page, "מגדלור");
    await card.locator(".caption:dir(rtl)").waitFor();
    await card.locator("a.shot").first().click();
    await page.locator("dialog .job-prompt:dir(rtl)").waitFor();
  });

  it("shows hostile words as words", async () => {
    const page = await live.open();
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await ask(page, { prompt: hostile });
    await cardOf(page, hostile).getByText("Done", { exact: true }).waitFor();
    expect(await page.title()).toBe("Darkroom");
  });
});

inBrowser("the sheet", () => {
  it("shows on demand what is further down, and what matches", async () => {
    const prompts = Array.from({ length: 26 }, (_, index) => `otter number ${index}`);
    for (const prompt of prompts) {
      const tags = prompt.endsWith(" 3") ? ["third"] : [];
      await live.darkroom.accept({ model: "dall-e-2", size: "256x256", prompt, tags });
    }
    const page = await live.open();
    // What comes into sight at the end is loaded without a click.
    const first = cardOf(page, "otter number 0");
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 10_000);
        return first.count();
      })
      .toBe(1);
    await page.getByRole("searchbox", { name: "Search prompts and tags" }).fill("third");
    await expect.poll(() => page.locator(".job").count()).toBe(1);
    await cardOf(page, "otter number 3").waitFor();
  });

  it("shows what another tab has done as soon as it is looked at again", async () => {
    const page = await live.open();
    const { id } = await live.darkroom.accept({
      model: "dall-e-2",
      size: "256x256",
      prompt: "from elsewhere",
    });
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await cardOf(page, "from elsewhere").getByText("Done", { exact: true }).waitFor();
    expect((await live.darkroom.fetch(`/api/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
    await shotOf(page, "from elsewhere").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("There is no such job.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    expect(await page.locator(".sheet .problem").count()).toBe(0);
    expect(await cardOf(page, "from elsewhere").count()).toBe(0);
  });
});
