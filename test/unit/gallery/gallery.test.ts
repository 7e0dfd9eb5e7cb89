import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ApiClient, ApiError, AwayError } from "../../../gallery/api/client.ts";
import type { Job, JobPage } from "../../../gallery/api/types.ts";
import { Gallery } from "../../../gallery/model/gallery.ts";
import { aPageImage, aPageJob } from "../../support/page-jobs.ts";

const id = (letter: string) => `job_${letter.repeat(32)}`;
const named = (letter: string, prompt: string): Job => ({ ...ended(letter), request: { prompt } });
const ended = (letter: string): Job => aPageJob({ id: id(letter), status: "succeeded" });

function aGallery(change: Partial<ApiClient>): Gallery {
  const unasked = () => Promise.reject(new Error("This is asked of nobody here."));
  const api: ApiClient = {
    models: unasked,
    job: unasked,
    jobs: unasked,
    generate: unasked,
    edit: unasked,
    editAgain: unasked,
    cancel: unasked,
    remove: unasked,
    bytes: unasked,
    events: unasked,
    isThere: async () => true,
    ...change,
  };
  return new Gallery(api);
}
/** Events as they come over the wire. */
const stream = (news: object[]) =>
  new Response(news.map((one, index) => `id: ${index + 1}\ndata: ${JSON.stringify(one)}\n\n`).join(""));
const shown = ({ state }: Gallery) => state.jobs.map(({ job }) => job.id);

describe("the gallery", () => {
  it("keeps a job that was accepted while the list was on its way", async () => {
    const list = Promise.withResolvers<JobPage>();
    const gallery = aGallery({ jobs: () => list.promise });
    const listing = gallery.list({});
    await gallery.send(async () => ended("a"));
    list.resolve({ jobs: [ended("b")] });
    await listing;
    expect(shown(gallery)).toEqual([id("a"), id("b")]);
  });

  it("asks once more for a job once, however often it is told to within a second of the answer", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let posts = 0;
    const gallery = aGallery({
      generate: async () => {
        posts += 1;
        return ended("b");
      },
    });
    const both = await Promise.all([gallery.again(ended("a")), gallery.again(ended("a"))]);
    expect([posts, both.map((job) => job?.id)]).toEqual([1, [id("b"), undefined]]);
    expect(await gallery.again(ended("a"))).toBeUndefined();
    vi.advanceTimersByTime(1_000);
    await gallery.again(ended("a"));
    expect(posts).toBe(2);
  });

  it("shows what the latest choice of filters asked for, whichever answer comes last", async () => {
    const slow = Promise.withResolvers<JobPage>();
    const gallery = aGallery({
      jobs: ({ tag }) => (tag === "slow" ? slow.promise : Promise.resolve({ jobs: [ended("b")] })),
    });
    const first = gallery.list({ tag: "slow" });
    await gallery.list({ tag: "quick" });
    slow.resolve({ jobs: [ended("c")] });
    await first;
    expect(shown(gallery)).toEqual([id("b")]);
  });

  it("sends once more under the same key when no answer came, as soon as the network is back", async () => {
    const gallery = aGallery({ jobs: async () => ({ jobs: [] }) });
    const keys: string[] = [];
    const sending = gallery.send(async (key) => {
      keys.push(key);
      if (keys.length === 1) throw new AwayError("cut");
      return ended("a");
    });
    await new Promise(setImmediate);
    expect(gallery.state.isAway).toBe(true);
    gallery.nudge();
    await sending;
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect([gallery.state.isAway, shown(gallery)]).toEqual([false, [id("a")]]);
    gallery.close();
  });

  it("doesn't send again what was refused, and notes that the key was", async () => {
    const gallery = aGallery({});
    let tries = 0;
    const refused = gallery.send(async () => {
      tries += 1;
      throw new ApiError(401, {});
    });
    await expect(refused).rejects.toBeInstanceOf(ApiError);
    expect([tries, gallery.state.isLockedOut]).toEqual([1, true]);
  });

  it("comes back to what was loaded below the first page, without what is gone from it", async () => {
    const pages: JobPage[] = [
      { jobs: [ended("b"), ended("c"), ended("d")], next_cursor: "below d" },
      { jobs: [ended("e")], next_cursor: "below e" },
      { jobs: [ended("a"), ended("b"), ended("d")], next_cursor: "below d" },
    ];
    const gallery = aGallery({ jobs: async () => pages.shift() ?? { jobs: [] } });
    await gallery.list({});
    await gallery.more();
    await gallery.catchUp();
    expect(shown(gallery)).toEqual(["a", "b", "d", "e"].map(id));
    expect(gallery.state.nextCursor).toBe("below e");
  });

  it("comes back to the first page alone when more has happened than stands on it", async () => {
    const pages: JobPage[] = [
      { jobs: [ended("d")], next_cursor: "below d" },
      { jobs: [ended("a"), ended("b")], next_cursor: "below b" },
    ];
    const gallery = aGallery({ jobs: async () => pages.shift() ?? { jobs: [] } });
    await gallery.list({});
    await gallery.catchUp();
    expect([shown(gallery), gallery.state.nextCursor]).toEqual([[id("a"), id("b")], "below b"]);
  });

  it("lets go of a job that was deleted elsewhere, and has nothing against the list", async () => {
    const gallery = aGallery({
      jobs: async () => ({ jobs: [ended("a"), ended("b")] }),
      job: () => Promise.reject(new ApiError(404, { message: "There is no such job." })),
    });
    await gallery.list({});
    await gallery.refresh(id("a"));
    expect([shown(gallery), gallery.state.problem]).toEqual([[id("b")], undefined]);
  });

  it("says once where a job stands when its images come at once, and always how it ends", async () => {
    const images = Array.from({ length: 10 }, (_, index) => aPageImage(index));
    const job = aPageJob({ id: id("a"), request: { prompt: "ten cats", n: 10 } });
    const end = { ...job, status: "succeeded" as const, images };
    const gallery = aGallery({
      events: async () =>
        stream([
          ...images.map((image, index) => ({ type: "image.succeeded", index, image })),
          { type: "job.succeeded", job: end },
        ]),
    });
    const said = new Set<string>();
    const isOver = new Promise<void>((resolve) => {
      gallery.subscribe(() => {
        if (gallery.state.said !== "") said.add(gallery.state.said);
        if (gallery.state.said.startsWith("Done")) resolve();
      });
    });
    await gallery.send(async () => job);
    await isOver;
    expect([...said]).toEqual([
      "Accepted: 10 wanted.",
      "Developing: 1 of 10 images so far. ten cats",
      "Done: 10 of 10 images. ten cats",
    ]);
  });

  it("reads on, page by page, until the words looked for are found", async () => {
    const pages: Record<string, JobPage> = {
      "": { jobs: [named("a", "a goose")], next_cursor: "1" },
      1: { jobs: [named("b", "a heron")], next_cursor: "2" },
      2: { jobs: [named("c", "a goose at dusk")] },
    };
    const gallery = aGallery({ jobs: async (_, cursor = "") => pages[cursor] ?? { jobs: [] } });
    await gallery.list({});
    await gallery.search("goose");
    expect(gallery.found().map(({ job }) => job.id)).toEqual([id("a"), id("c")]);
    expect(gallery.state).toMatchObject({ loading: "idle", said: "2 found." });
  });
});
