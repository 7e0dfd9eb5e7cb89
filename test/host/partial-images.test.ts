import { describe, expect, it } from "vitest";
import { acceptEdit, aPicture, download } from "../support/edits.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";
import { readEvents, type SeenEvent } from "../support/watching.ts";
import sharp from "sharp";

const darkroom = useSharedDarkroom();

async function watch(jobId: string, query = ""): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for await (const event of readEvents(await darkroom.fetch(`/api/jobs/${jobId}/events${query}`)))
    seen.push(event);
  return seen;
}

const partialsOf = (seen: SeenEvent[]) => seen.filter(({ name }) => name === "image.partial");

/** Mean difference of two pictures' values, 0 to 255. */
async function distance(one: Buffer, other: Buffer): Promise<number> {
  const raw = (bytes: Buffer) => sharp(bytes).removeAlpha().resize(128, 128).raw().toBuffer();
  const [left, right] = await Promise.all([raw(one), raw(other)]);
  return left.reduce((sum, value, at) => sum + Math.abs(value - (right[at] ?? 0)), 0) / left.length;
}

describe("a streamed generation", () => {
  it("shows each image coarser to finer, behind links and inline, and then as it is", async () => {
    const job = await darkroom.accept({
      model: "gpt-image-1",
      prompt: "two foggy lighthouses",
      n: 2,
      stream: true,
      partial_images: 3,
    });
    const [seen, inline] = await Promise.all([watch(job.id), watch(job.id, "?inline=1")]);
    const ended = seen.at(-1)!.data.job!;
    expect(ended).toMatchObject({ status: "succeeded", request: { stream: true, partial_images: 3 } });
    for (const index of [0, 1]) {
      const ofImage = seen.filter(({ data }) => data.index === index);
      expect(ofImage.map(({ name, data }) => [name, data.partial_index])).toEqual([
        ["image.partial", 0],
        ["image.partial", 1],
        ["image.partial", 2],
        ["image.succeeded", undefined],
      ]);
      const final = await download(ended.images[index]?.url);
      const pictures = await Promise.all(partialsOf(ofImage).map(({ data }) => download(data.url)));
      const [coarse, middle, fine] = await Promise.all(pictures.map((bytes) => distance(bytes, final)));
      expect(coarse!).toBeGreaterThan(middle!);
      expect(middle!).toBeGreaterThan(fine!);
      const bytes = partialsOf(inline)
        .filter(({ data }) => data.index === index)
        .map(({ data }) => Buffer.from(data.b64_json ?? "", "base64"));
      expect(bytes).toEqual(pictures);
    }
    expect(partialsOf(seen).every(({ data }) => data.b64_json === undefined)).toBe(true);
    // Only pictures that are asked for one by one say which of them a partial one belongs to.
    expect(await darkroom.calls("two foggy lighthouses")).toHaveLength(2);
  });

  it("whose stream is cut in the middle is made again, with no partial image told twice", async () => {
    const job = await darkroom.accept({
      model: "gpt-image-1",
      prompt: "a torn lighthouse [[cut=event:2 times=1]]",
      stream: true,
      partial_images: 3,
    });
    const seen = await watch(job.id);
    expect(partialsOf(seen).map(({ data }) => data.partial_index)).toEqual([0, 1, 2]);
    expect(seen.at(-1)?.data.job).toMatchObject({ status: "succeeded", repeated_calls: 1 });
  });

  it("whose image is done early has fewer partial images", async () => {
    const job = await darkroom.accept({
      model: "gpt-image-1",
      prompt: "an early lighthouse [[partials=1]]",
      stream: true,
      partial_images: 3,
    });
    const seen = await watch(job.id);
    expect(partialsOf(seen)).toHaveLength(1);
    expect(seen.at(-1)?.name).toBe("job.succeeded");
  });
});

it("a streamed edit shows its partial images, too", async () => {
  const { id } = await acceptEdit(darkroom, {
    images: [await aPicture(200)],
    fields: { prompt: "a foggy edit", stream: "true", partial_images: "2" },
  });
  const seen = await watch(id);
  expect(partialsOf(seen).map(({ data }) => data.partial_index)).toEqual([0, 1]);
  expect(seen.at(-1)?.name).toBe("job.succeeded");
});

it.each([
  [
    { model: "dall-e-3", stream: true },
    { param: "stream", allowed: [false] },
  ],
  [{ model: "gpt-image-1", partial_images: 2 }, { param: "partial_images" }],
  [{ model: "gpt-image-1", stream: true, partial_images: 4 }, { param: "partial_images" }],
])("%j is refused", async (imageParams, error) => {
  expect(await darkroom.refused({ prompt: "a kite", ...imageParams })).toMatchObject({
    status: 400,
    ...error,
  });
});
