import { sharpThumbnailMaker } from "../../../src/adapters/storage/thumbnail-maker.ts";
import { thumbnailSizes } from "../../../src/domain/blob-name.ts";
import { median } from "../numbers.ts";
import { pictureOf } from "../pictures.ts";

/** Milliseconds of CPU, on whatever thread, for both thumbnails of one picture. */
export async function measureThumbnails(rounds: number): Promise<number> {
  const bytes = await pictureOf("usual");
  await sharpThumbnailMaker.make(bytes, thumbnailSizes, "trainedAlgorithmicMedia");
  const used: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    await sharpThumbnailMaker.make(bytes, thumbnailSizes, "trainedAlgorithmicMedia");
    const { user, system } = process.cpuUsage(before);
    used.push((user + system) / 1_000);
  }
  return median(used);
}
