import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { receivedPictures } from "../../src/adapters/openai/reading/received-pictures.ts";
import { readReply } from "../../src/adapters/openai/reply.ts";
import type { ReceivedImage } from "../../src/ports/image-model.ts";

// A tenth of what one instance is made for: 32 calls of ten pictures of 3 MB, in 64 and 32 MB.
const [calls, images, pictureBytes] = [32, 10, 300_000];
const [maxHeldBytes, maxReadBackBytes] = [6_400_000, 3_200_000];
// One block of each picture is on its way to its file, or into memory.
const slack = calls * 48 * 1024;

const picture = Buffer.from(Array.from({ length: pictureBytes }, (_, at) => (at * 2_654_435_761) >>> 24));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("memory is bounded by bytes in flight, however many calls bring however many pictures at once", async () => {
  const entries = Array.from({ length: images }, () => `{"b64_json":"${picture.toString("base64")}"}`);
  const reply = Buffer.from(`{"data":[${entries.join(",")}]}`);
  const server = createServer((_request, response) => response.end(reply)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const directory = await mkdtemp(join(tmpdir(), "reply-memory-test-"));
  try {
    const pictures = receivedPictures({ maxHeldBytes, maxReadBackBytes, directory });
    const seen = new Set<string>();
    let [spilled, heard] = [0, 0];
    const onImage = async (image: ReceivedImage) => {
      if ((await readdir(directory)).length > 0) spilled += 1;
      heard += 1;
      seen.add(sha256(await image.picture.read()));
      await sleep(5);
      await image.picture.release();
    };
    const read = async () => {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const { signal } = new AbortController();
      const now = () => new Date(0);
      return readReply(response, {
        prompt: "",
        wanted: images,
        signal,
        listener: { onImage },
        pictures,
        now,
      });
    };
    const replies = await Promise.all(Array.from({ length: calls }, read));
    for (const { kind, items } of replies as { kind: string; items: unknown[] }[]) {
      expect([kind, items.length]).toEqual(["images", images]);
    }
    expect([heard, ...seen]).toEqual([calls * images, sha256(picture)]);
    expect(spilled).toBeGreaterThan(0);
    expect(pictures.held.peak).toBeLessThanOrEqual(maxHeldBytes + slack);
    expect(pictures.readBack.peak).toBeLessThanOrEqual(maxReadBackBytes);
    expect([pictures.held.used, pictures.readBack.used, await readdir(directory)]).toEqual([0, 0, []]);
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
});
