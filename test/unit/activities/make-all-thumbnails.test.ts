import { expect, it } from "vitest";
import { makeAllThumbnailsWith } from "../../../src/activities/make-all-thumbnails.ts";

it("makes the thumbnails of each image, and counts those that can be made", async () => {
  const asked: unknown[] = [];
  const makeThumbnails = async (step: { jobId: string; index: number }) => {
    asked.push(step);
    return { made: step.index !== 3 };
  };
  const run = makeAllThumbnailsWith({ makeThumbnails });
  expect(await run({ jobId: "job_x", images: [0, 3, 4] })).toEqual({ made: 2 });
  expect(asked).toEqual([0, 3, 4].map((index) => ({ jobId: "job_x", index })));
});

it("makes those of the others when one fails, and fails then, to be run again", async () => {
  const asked: number[] = [];
  const makeThumbnails = async ({ index }: { index: number }) => {
    asked.push(index);
    if (index === 0) throw new Error("storage is away");
    return { made: true };
  };
  const run = makeAllThumbnailsWith({ makeThumbnails });
  await expect(run({ jobId: "job_x", images: [0, 1] })).rejects.toThrow("storage is away");
  expect(asked).toEqual([0, 1]);
});
