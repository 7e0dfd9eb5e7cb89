interface Dependencies {
  makeThumbnails: (step: { jobId: string; index: number }) => Promise<{ made: boolean }>;
}

/** Makes the thumbnails of all images of a job, one after another. One that fails doesn't keep the others; a retry makes it. */
export const makeAllThumbnailsWith =
  ({ makeThumbnails }: Dependencies) =>
  async ({ jobId, images }: { jobId: string; images: readonly number[] }): Promise<{ made: number }> => {
    const failures: unknown[] = [];
    let made = 0;
    for (const index of images) {
      try {
        if ((await makeThumbnails({ jobId, index })).made) made += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return { made };
  };
