import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import sharp from "sharp";
import { expect, it, onTestFinished } from "vitest";
import { ask, cardOf, inBrowser, promptOf, shotOf, useBrowser } from "../support/browser.ts";

const live = useBrowser();
const make = (prompt: string, change: object = {}) =>
  live.darkroom.run({ model: "dall-e-2", size: "256x256", prompt, ...change });
const panelOf = (page: Page) => page.getByRole("dialog");
const square = (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const otherWays: [how: string, use: (it: Locator) => Promise<void>, options: BrowserContextOptions][] = [
  ["keys alone", (it) => it.press("Enter"), { colorScheme: "dark" }],
  ["touch, 390 pixels wide", (it) => it.tap(), { ...phone, colorScheme: "dark" }],
];
const allWays: typeof otherWays = [["mouse", (it) => it.click(), {}], ...otherWays];

inBrowser("a newcomer", () => {
  it.each([
    ["1280 pixels wide", {}],
    ["390 pixels wide, in the dark", { ...phone, colorScheme: "dark" as const }],
  ])("is signed in by the address that npm start prints, which forgets the key: %s", async (_, options) => {
    const { key = "" } = live.darkroom.running;
    const page = await live.visit(options, `#key=${encodeURIComponent(key)}`);
    await promptOf(page).waitFor();
    expect(page.url()).not.toContain(key);
    await page.reload();
    await promptOf(page).waitFor();
  });

  it.each(allWays)("begins with an example on the empty sheet: %s", async (how, use, options) => {
    const page = await live.open(options);
    const example = page.getByRole("button", { name: /paper boat on a puddle/ });
    await example.waitFor();
    if (how === "keys alone") {
      const isReached = () => example.and(page.locator(":focus")).count();
      for (let tab = 0; tab < 60 && !(await isReached()); tab += 1) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
    } else await use(example);
    await expect.poll(() => promptOf(page).inputValue()).toMatch(/^A paper boat/);
    await page.locator(".composer textarea:focus").waitFor();
  });
});

const doubles: [
  how: string,
  rounds: number,
  hit: (page: Page, x: number, y: number) => Promise<void>,
  options: BrowserContextOptions,
][] = [
  ["clicks", 20, (page, x, y) => page.mouse.click(x, y), {}],
  ["keys", 6, (page) => page.keyboard.press("Enter"), { colorScheme: "dark" }],
  ["taps", 6, (page, x, y) => page.touchscreen.tap(x, y), { ...phone, colorScheme: "dark" }],
];

/** Files from the desktop, let go over the sheet. */
async function drop(page: Page, files: string[]): Promise<void> {
  const desktop = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await desktop.send("Input.dispatchDragEvent", { type, x: 900, y: 500, data });
  await desktop.detach();
}

async function middleOf(it: Locator): Promise<[number, number]> {
  const box = await it.boundingBox();
  if (!box) throw new Error("It is not to be seen.");
  return [box.x + box.width / 2, box.y + box.height / 2];
}

inBrowser("one click is one job", () => {
  it.each(doubles)(
    "for two %s 30 to 300 ms apart, %i times of as many",
    async (how, rounds, hit, options) => {
      const page = await live.open(options);
      let posts = 0;
      page.on("request", (request) => {
        if (request.method() === "POST" && request.url().endsWith("/generations")) posts += 1;
      });
      const button = page.locator(".send .main");
      for (let round = 0; round < rounds; round += 1) {
        // Nothing is drawn: that costs time, and is no matter here.
        await promptOf(page).fill(`two ${how}, round ${round} [[refuse]]`);
        if (how === "keys") await button.focus();
        const [x, y] = await middleOf(button);
        await hit(page, x, y);
        await pause(30 + (round * 270) / (rounds - 1));
        // Where the first one was, whatever stands there by now.
        await hit(page, x, y);
        await page.getByRole("button", { name: "Sent" }).waitFor();
      }
      expect(posts).toBe(rounds);
      const more = page.getByRole("button", { name: "ask for the same once more" });
      await (how === "taps" ? more.tap() : how === "keys" ? more.press("Enter") : more.click());
      await expect.poll(() => posts).toBe(rounds + 1);
    },
  );
});

inBrowser("a picture looked at closely", () => {
  it("is followed by the next one: by buttons, by keys, over the end of a job, and back", async () => {
    await make("a heron alone");
    const { id } = await make("two herons", { n: 2 });
    const page = await live.open();
    await shotOf(page, "two herons").click();
    const at = (hash: string) => page.waitForURL((url) => url.hash === hash);
    await panelOf(page).getByRole("button", { name: "Next picture" }).click();
    await at(`#${id}/1`);
    await page.keyboard.press("ArrowLeft");
    await at(`#${id}`);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await panelOf(page).getByText("a heron alone").first().waitFor();
    await page.goBack();
    await panelOf(page).waitFor({ state: "detached" });
  });

  it("shows every pixel on a click, and fits again on the next", async () => {
    await make("a heron, large", { size: "1024x1024" });
    const page = await live.open();
    await shotOf(page, "a heron, large").click();
    const picture = page.locator(".zoom img");
    await picture.waitFor();
    await page.locator(".zoom").click();
    await expect.poll(async () => (await picture.boundingBox())?.width).toBe(1024);
    await page.locator(".zoom").click();
    await expect.poll(async () => (await picture.boundingBox())?.width ?? 9999).toBeLessThan(1024);
  });

  it("leaves the sheet usable beside it", async () => {
    await make("heron one");
    await make("heron two");
    const page = await live.open();
    await shotOf(page, "heron one").click();
    await panelOf(page).getByText("heron one").first().waitFor();
    await panelOf(page).getByRole("button", { name: "Mark to compare" }).click();
    await shotOf(page, "heron two").click();
    await panelOf(page).getByText("heron two").first().waitFor();
    await panelOf(page).getByRole("button", { name: "Compare with the marked one" }).click();
    const compare = page.getByRole("dialog", { name: "Compare" });
    await expect.poll(() => compare.locator("figure img").count()).toBe(2);
    await page.keyboard.press("Escape");
    await panelOf(page).waitFor({ state: "detached" });
  });

  it("is varied with the same settings, and its words are changed in the form", async () => {
    const first = await make("a crane, once", { model: "dall-e-3", size: "1792x1024", quality: "hd" });
    const page = await live.open();
    await shotOf(page, "a crane, once").click();
    await panelOf(page).getByRole("button", { name: "Change words" }).click();
    await page.locator(".composer textarea:focus").waitFor();
    expect(await promptOf(page).inputValue()).toBe("a crane, once");
    const form = page.getByRole("region", { name: "New images" });
    expect(await form.getByRole("radio", { name: "Landscape 7:4" }).isChecked()).toBe(true);
    expect(await form.getByRole("radio", { name: "HD" }).isChecked()).toBe(true);
    let posts = 0;
    page.on("request", (request) => (posts += Number(request.method() === "POST")));
    const vary = panelOf(page).getByRole("button", { name: "Vary" });
    await vary.scrollIntoViewIfNeeded();
    const [x, y] = await middleOf(vary);
    for (const wait of [0, 150]) {
      await pause(wait);
      await page.mouse.click(x, y);
    }
    await page.waitForURL((url) => url.hash.startsWith("#job_") && url.hash !== `#${first.id}`);
    expect(posts).toBe(1);
    const { request } = await live.darkroom.ended(new URL(page.url()).hash.slice(1));
    expect(request).toEqual(first.request);
  });

  it("is downloaded with all of its job, and taken along in three languages", async () => {
    await make("three cranes", { n: 3 });
    const page = await live.open();
    await shotOf(page, "three cranes").click();
    const names: string[] = [];
    page.on("download", (download) => names.push(download.suggestedFilename()));
    await panelOf(page).getByRole("button", { name: "Download all 3" }).click();
    await expect.poll(() => names.length).toBe(3);
    expect(new Set(names).size).toBe(3);
    await panelOf(page).getByText("As a command").click();
    for (const [language, word] of [
      ["Python", "requests.post"],
      ["JavaScript", "await fetch"],
    ] as const) {
      await panelOf(page).getByRole("radio", { name: language }).check();
      await panelOf(page).locator("pre", { hasText: word }).waitFor();
    }
  });
});

inBrowser("pictures to start from", () => {
  it("are dropped anywhere, chosen, pasted by keys, and go as one edit with its picture before", async () => {
    const page = await live.open({ colorScheme: "dark" });
    const tray = page.getByRole("group", { name: "Reference pictures" });
    const folder = await mkdtemp(join(tmpdir(), "dropped-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const fileOf = async (name: string, bytes: string | Buffer) => {
      await writeFile(join(folder, name), bytes);
      return join(folder, name);
    };
    const pictures = [
      await fileOf("blue.png", await square("#48c")),
      await fileOf("c.png", await square("#c84")),
    ];
    // On the sheet, far from the tray: the browser itself would open the first one.
    await drop(page, pictures);
    await expect.poll(() => tray.locator("img").count()).toBe(2);
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      tray.getByText("+", { exact: true }).click(),
    ]);
    await chooser.setFiles(pictures);
    await expect.poll(() => tray.locator("img").count()).toBe(4);
    await drop(page, [await fileOf("notes.txt", "no picture"), ...pictures.slice(0, 1)]);
    await tray.getByText("No picture: “notes.txt”.").waitFor();
    await page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext("2d").fillRect(0, 0, 32, 64);
      const blob = await canvas.convertToBlob();
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    })()`);
    await promptOf(page).press("Control+v");
    await expect.poll(() => tray.locator("img").count()).toBe(6);
    expect(await tray.getByText("No picture").count()).toBe(0);
    for (const number of [6, 5, 4, 3])
      await tray.getByRole("button", { name: `Remove reference ${number}` }).click();
    await promptOf(page).fill("both on a sofa");
    await page.getByRole("button", { name: "Make an image" }).click();
    const card = cardOf(page, "both on a sofa");
    await card.getByText("Done", { exact: true }).waitFor();
    const id = (await card.getAttribute("data-job")) ?? "";
    expect((await live.darkroom.ended(id)).request).toMatchObject({ images: [{}, {}] });
    await card.locator("a.shot").click();
    const slider = panelOf(page).getByRole("slider", { name: /picture before/ });
    await slider.waitFor();
    const [x, y] = await middleOf(slider);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y, { steps: 4 });
    await page.mouse.up();
    expect(Number(await slider.inputValue())).toBeGreaterThan(55);
  });

  it("are a job's own: used as reference, and compared under one slider afterwards", async () => {
    await make("a sea to start from", { model: "gpt-image-1", size: "1024x1024" });
    const page = await live.open();
    await shotOf(page, "a sea to start from").click();
    await panelOf(page).getByRole("button", { name: "Use as reference" }).click();
    await page.locator(".reference img").waitFor();
    await promptOf(page).fill("with a red boat");
    await page.getByRole("button", { name: "Make an image" }).click();
    await cardOf(page, "with a red boat").getByText("Done", { exact: true }).waitFor();
    // Also in another tab, which never had the file.
    const other = await live.open();
    await shotOf(other, "with a red boat").click();
    const slider = panelOf(other).getByRole("slider", { name: /picture before/ });
    await slider.focus();
    await other.keyboard.press("ArrowRight");
    expect(await slider.inputValue()).toBe("51");
    await panelOf(other).getByRole("button", { name: "Result alone" }).click();
    await other.locator(".zoom img").waitFor();
  });
});

inBrowser("the sheet", () => {
  it("compares two frames that were marked by c", async () => {
    await make("mark me first");
    await make("mark me second");
    const page = await live.open();
    await shotOf(page, "mark me first").focus();
    await page.keyboard.press("c");
    await page.locator(".shot[data-marked]").waitFor();
    await shotOf(page, "mark me second").focus();
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "Compare" });
    await expect.poll(() => dialog.locator("figure img").count()).toBe(2);
    await dialog.getByRole("radio", { name: "Slider" }).check();
    await dialog.getByRole("slider").waitFor();
  });

  it("finds a picture by words of its prompt and by its tags, and says what to clear", async () => {
    await make("a very particular pelican", { tags: ["seabird"] });
    const page = await live.open();
    const search = page.getByRole("searchbox", { name: "Search prompts and tags" });
    for (const words of ["PELICAN particular", "seabird"]) {
      await search.fill(words);
      await expect.poll(() => page.locator(".job").count()).toBe(1);
    }
    await search.fill("no such bird anywhere");
    await page.getByText("Nothing with “no such bird anywhere”").waitFor();
    await page.getByRole("button", { name: "Show all jobs" }).click();
    await cardOf(page, "a very particular pelican").waitFor();
    await page.getByRole("heading", { name: "Today" }).waitFor();
  });

  it("says on canceled and failed jobs why", async () => {
    const { id } = await live.darkroom.accept({
      model: "dall-e-3",
      prompt: "canceled early [[latency=60000]]",
    });
    await live.darkroom.fetch(`/api/jobs/${id}/cancel`, { method: "POST" });
    const page = await live.open();
    await cardOf(page, "canceled early").getByText("Canceled before it was made.").waitFor();
    await ask(page, { prompt: "not allowed [[refuse]]" });
    const refused = cardOf(page, "not allowed");
    await refused.getByText(/content policy/).waitFor();
    await refused.getByRole("button", { name: "Change the words" }).click();
    expect(await promptOf(page).inputValue()).toBe("not allowed [[refuse]]");
  });

  it.each([
    [1280, "light"],
    [390, "dark"],
  ] as const)(
    "has no black bands: frames have their picture's shape, %i pixels wide, %s",
    async (width, colorScheme) => {
      await make(`wide pair ${width}`, { model: "dall-e-3", size: "1792x1024", n: 2 });
      const page = await live.open({ viewport: { width, height: 844 }, colorScheme });
      const frames = cardOf(page, `wide pair ${width}`).locator(".frame");
      for (const frame of await frames.all()) {
        const box = await frame.boundingBox();
        if (!box) throw new Error("A frame is not to be seen.");
        expect(box.width / box.height).toBeCloseTo(1792 / 1024, 1);
      }
    },
  );
});

inBrowser("on a phone", () => {
  it("whatever is touched has 44 pixels, and the form is a sheet over the page", async () => {
    await make("for a thumb");
    const page = await live.open({ ...phone, colorScheme: "dark" });
    await cardOf(page, "for a thumb").waitFor();
    const small = () =>
      page.evaluate(`[...document.querySelectorAll("button, a, select, summary, input:not([type=radio]):not(.unseen), .segment span, textarea")]
        .filter((it) => it.checkVisibility() && !it.matches(".remove, [type=checkbox]"))
        .map((it) => [it.className + " " + it.textContent.slice(0, 20), Math.round(it.getBoundingClientRect().height)])
        .filter(([, height]) => height > 0 && height < 44)`);
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "Settings" }).tap();
    await page.getByText("More", { exact: true }).tap();
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "Close" }).tap();
    await shotOf(page, "for a thumb").tap();
    await panelOf(page).waitFor();
    expect(await small()).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });
});

inBrowser("without a mouse, in the dark", () => {
  it.each(otherWays)(
    "pictures are looked at, taken along and gone on from: %s",
    async (how, use, options) => {
      const { id } = await make(`two swans, ${how}`, { model: "gpt-image-1", size: "1024x1024", n: 2 });
      const page = await live.open(options);
      const isByKeys = how === "keys alone";
      const swans = shotOf(page, `two swans, ${how}`);
      const panel = panelOf(page);
      const button = (name: string) => panel.getByRole("button", { name });
      const at = (index: string) => page.waitForURL((url) => url.hash === `#${id}${index}`);
      await use(swans);
      await use(button("Next picture"));
      await at("/1");
      const zoom = page.locator(".zoom");
      for (const isLarge of ["true", "false"]) {
        await use(zoom);
        await zoom.and(page.locator(`[aria-pressed=${isLarge}]`)).waitFor();
      }
      await use(panel.getByText("Details", { exact: true }));
      await panel.getByText("Kept until").waitFor();
      await use(panel.getByText("As a command"));
      await use(button("Copy command"));
      const copied = () => page.evaluate("navigator.clipboard.readText()");
      expect(await copied()).toContain("curl");
      for (const [before, language, word] of [
        ["curl", "JavaScript", "await fetch"],
        ["JavaScript", "Python", "requests.post"],
      ] as const) {
        const radio = (name: string) => panel.getByRole("radio", { name });
        await (isByKeys ? radio(before).press("ArrowRight") : radio(language).tap());
        await use(button("Copy command"));
        await expect.poll(copied).toContain(word);
      }
      let downloads = 0;
      page.on("download", () => (downloads += 1));
      await use(button("Download all 2"));
      await expect.poll(() => downloads).toBe(2);
      await use(button("Mark to compare"));
      await use(button("Previous picture"));
      await at("");
      await use(button("Compare with the marked one"));
      const compare = page.getByRole("dialog", { name: "Compare" });
      await expect.poll(() => compare.locator("figure img").count()).toBe(2);
      await use(compare.getByRole("button", { name: "Close" }));
      await compare.waitFor({ state: "detached" });

      if (!(await panel.isVisible())) await use(swans);
      let posts = 0;
      page.on("request", (request) => (posts += Number(request.method() === "POST")));
      await button("Vary").scrollIntoViewIfNeeded();
      const [x, y] = await middleOf(button("Vary"));
      await button("Vary").focus();
      for (const wait of [0, 150]) {
        await pause(wait);
        await (isByKeys ? page.keyboard.press("Enter") : page.touchscreen.tap(x, y));
      }
      await page.waitForURL((url) => url.hash.startsWith("#job_") && !url.hash.startsWith(`#${id}`));
      await panel.getByText(/^Done: 2 of 2/).waitFor();
      expect(posts).toBe(1);
      await page.goBack();
      await use(button("Use as reference"));
      await use(page.getByRole("button", { name: "Remove reference 1" }));
      const add = isByKeys ? page.getByLabel("Add reference pictures") : page.locator("label.add");
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), use(add)]);
      const buffer = await square("#48c");
      await chooser.setFiles(["a.png", "b.png"].map((name) => ({ name, mimeType: "image/png", buffer })));
      for (const number of [2, 1])
        await use(page.getByRole("button", { name: `Remove reference ${number}` }));
      if (!(await panel.isVisible())) await page.goto(`${live.darkroom.running.url}/#${id}`);
      await use(button("Change words"));
      await expect.poll(() => promptOf(page).inputValue()).toBe(`two swans, ${how}`);
      await promptOf(page).fill(`an ibis, ${how}`);
      await use(page.getByRole("button", { name: "Make 2 images" }));
      await cardOf(page, `an ibis, ${how}`).waitFor();
      for (const [words, fate] of [
        ["[[refuse]]", /content policy/],
        ["[[latency=60000]]", /^Canceled/],
      ] as const) {
        await promptOf(page).fill(`a stork, ${how} ${words}`);
        await use(page.getByRole("button", { name: "Make 2 images" }));
        const card = cardOf(page, `a stork, ${how} ${words}`);
        if (String(fate) === "/^Canceled/") await use(card.getByRole("button", { name: "Cancel" }));
        await card.getByText(fate).first().waitFor();
      }
      await page.getByRole("searchbox").fill(`swans ${how}`);
      await expect.poll(() => page.locator(".job").count()).toBe(2);
      await use(page.getByRole("button", { name: "Canceled" }));
      await use(page.getByRole("button", { name: "Show all jobs" }));
      await cardOf(page, `an ibis, ${how}`).waitFor();
    },
  );
});
