import { chromium, type Page } from "playwright-core";
import { startDarkroom } from "../../local/darkroom.ts";
import { findChromium } from "../chromium.ts";
import type { Row } from "./table.ts";

/**
 * The gallery's sheet, scrolled from its first job to its last: what the page's own thread is busy with meanwhile. A task that
 * takes longer than a frame drops one, whatever else the machine does; so tasks are counted by their time on the processor.
 */
const frameMs = 1000 / 60;
const shapes = ["1024x1024", "1536x1024", "1024x1536"] as const;

interface TraceEvent {
  name: string;
  ph: string;
  tid: number;
  pid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}
interface Listed {
  jobs: { id: string; created_at: string; images: { thumbnail_url?: string }[] }[];
  next_cursor?: string | null;
}

export async function measurePageScroll(jobs: number): Promise<Row[]> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error("There is no Chromium here: install it, or name it by CHROMIUM_PATH.");
  const darkroom = await startDarkroom({ port: 0, simulatorArgs: ["--latency-scale", "0"] });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const headers = { "api-key": darkroom.key ?? "", "content-type": "application/json", prefer: "wait=60" };
    for (const [index, size] of [...shapes, ...shapes].entries()) {
      const body = JSON.stringify({
        model: "gpt-image-1",
        prompt: `a heron, ${index}`,
        size,
        n: 1 + (index % 4),
      });
      const reply = await fetch(`${darkroom.url}/api/images/generations`, { method: "POST", headers, body });
      if (reply.status !== 200) throw new Error(`${reply.status}: ${await reply.text()}`);
    }
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    await repeatJobs(page, jobs);
    await page.goto(`${darkroom.url}/#key=${encodeURIComponent(darkroom.key ?? "")}`);
    await page.locator(".job img").first().waitFor();
    await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
    const shown = await scrollThrough(page, jobs);
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
      traceEvents: TraceEvent[];
    };
    return rowsOf(traceEvents, shown);
  } finally {
    await browser.close();
    await darkroom.stop();
  }
}

/** The list as it would be of many jobs: those that there are, again and again, under ids and days of their own. */
async function repeatJobs(page: Page, jobs: number): Promise<void> {
  let samples: Listed["jobs"] = [];
  await page.route(/\/api\/jobs\?/, async (route) => {
    if (samples.length === 0) samples = ((await (await route.fetch()).json()) as Listed).jobs;
    const { searchParams } = new URL(route.request().url());
    const from = Number(searchParams.get("cursor") ?? 0);
    const to = Math.min(from + Number(searchParams.get("limit")), jobs);
    const data = Array.from({ length: to - from }, (_, step) => ({
      ...samples[(from + step) % samples.length],
      id: `job_${String(from + step).padStart(32, "0")}`,
      created_at: new Date(Date.now() - (from + step) * 1_800_000).toISOString(),
    }));
    await route.fulfill({ json: { jobs: data, ...(to < jobs && { next_cursor: String(to) }) } });
  });
}

/** Down to the end of what there is, which grows, and up again; as many jobs as were shown. */
async function scrollThrough(page: Page, jobs: number): Promise<number> {
  const client = await page.context().newCDPSession(page);
  const gesture = { x: 800, y: 450, speed: 4000, preventFling: true };
  const shown = () => page.locator(".job").count();
  for (let seen = 0; (await shown()) < jobs || seen < (await shown());) {
    seen = await shown();
    await client.send("Input.synthesizeScrollGesture", { ...gesture, yDistance: -4000 });
  }
  await client.send("Input.synthesizeScrollGesture", { ...gesture, yDistance: 30_000 });
  return shown();
}

function rowsOf(events: readonly TraceEvent[], jobs: number): Row[] {
  const main = events.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const tasks = events
    .filter(
      ({ name, tid, pid }) =>
        name === "ThreadControllerImpl::RunTask" && tid === main?.tid && pid === main.pid,
    )
    .map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000)
    .sort((one, other) => other - one);
  const [longest = 0] = tasks;
  const late = tasks.filter((took) => took > frameMs);
  const figures = `${tasks.length} tasks while ${jobs} jobs are scrolled by; above ${frameMs.toFixed(1)} ms: ${late.length}; longest ${tasks
    .slice(0, 5)
    .map((took) => took.toFixed(1))
    .join(", ")} ms`;
  return [{ what: "the page's longest task / a frame", figures, ratio: longest / frameMs, bound: 1 }];
}
