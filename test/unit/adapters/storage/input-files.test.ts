import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UploadSource } from "../../../../src/ports/inputs.ts";
import type { StoredInput } from "../../../../src/ports/records.ts";
import { tempInputFiles } from "../../../../src/adapters/storage/input-files.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "input-files-test-"));
});
afterEach(() => rm(directory, { recursive: true }));

const bytesOf = (blob: string) => Buffer.from(`the bytes of ${blob}; `.repeat(5_000));
const types = { png: "image/png", jpeg: "image/jpeg", webp: "image/webp" };

function input(blob: string, kind: keyof typeof types = "png"): StoredInput {
  const bytes = bytesOf(blob);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { blob, contentType: types[kind], width: 8, height: 8, bytes: bytes.length, sha256 };
}

async function* inPieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Stores every blob but those named, which open as they say. */
function uploads(others: Record<string, () => AsyncIterable<Uint8Array> | undefined> = {}) {
  return {
    opened: [] as UploadSource[],
    async open(source: UploadSource): Promise<AsyncIterable<Uint8Array> | undefined> {
      this.opened.push(source);
      const other = others[source.blob];
      return other ? other() : inPieces(bytesOf(source.blob));
    },
  };
}

describe("borrowed inputs", () => {
  it("are files with the bytes, types and order of what is stored", async () => {
    const files = tempInputFiles(uploads(), directory);
    const borrowed = await files.borrow({
      images: [input("a"), input("b", "jpeg"), input("c", "webp")],
      mask: input("m"),
    });
    const { images, mask } = borrowed;
    expect([...images, mask].map((file) => [file?.name, file?.type])).toEqual([
      ["image-0.png", "image/png"],
      ["image-1.jpg", "image/jpeg"],
      ["image-2.webp", "image/webp"],
      ["mask.png", "image/png"],
    ]);
    const texts = await Promise.all([...images, mask].map(async (file) => file?.text()));
    expect(texts).toEqual(["a", "b", "c", "m"].map((blob) => bytesOf(blob).toString()));
    await borrowed.release();
  });

  it("without a mask have none", async () => {
    const borrowed = await tempInputFiles(uploads(), directory).borrow({ images: [input("a")] });
    expect(borrowed).not.toHaveProperty("mask");
    await borrowed.release();
  });

  it("are asked for in the container of uploads", async () => {
    const store = uploads();
    const borrowed = await tempInputFiles(store, directory).borrow({ images: [input("job/image-0")] });
    expect(store.opened).toEqual([{ container: "uploads", blob: "job/image-0" }]);
    await borrowed.release();
  });

  it("lie on disk, where nobody else may look", async () => {
    const borrowed = await tempInputFiles(uploads(), directory).borrow({ images: [input("a")] });
    const [folder = ""] = await readdir(directory);
    expect((await stat(join(directory, folder))).mode & 0o777).toBe(0o700);
    await writeFile(join(directory, folder, "image-0.png"), "other bytes");
    await expect(borrowed.images[0]?.text()).rejects.toThrow("could not be read");
    await borrowed.release();
  });

  it("are gone once released, which may be said twice", async () => {
    const borrowed = await tempInputFiles(uploads(), directory).borrow({ images: [input("a")] });
    await borrowed.release();
    await borrowed.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it("of two calls don't meet", async () => {
    const files = tempInputFiles(uploads(), directory);
    const first = await files.borrow({ images: [input("a")] });
    const second = await files.borrow({ images: [input("b")] });
    await first.release();
    expect(await second.images[0]?.text()).toBe(bytesOf("b").toString());
    await second.release();
  });

  it("are fetched in order, at most four at once", async () => {
    const [blobs, under] = [Array.from({ length: 16 }, (_, index) => String(index)), new Set<string>()];
    let most = 0;
    async function* counted(blob: string) {
      under.add(blob);
      most = Math.max(most, under.size);
      for await (const piece of inPieces(bytesOf(blob))) {
        await new Promise(setImmediate);
        yield piece;
      }
      under.delete(blob);
    }
    const store = uploads(Object.fromEntries(blobs.map((blob) => [blob, () => counted(blob)])));
    const borrowed = await tempInputFiles(store, directory).borrow({
      images: blobs.map((blob) => input(blob)),
    });
    expect(store.opened.map(({ blob }) => blob)).toEqual(blobs);
    expect(most).toBe(4);
    await borrowed.release();
  });
});

describe("inputs that can't be borrowed", () => {
  async function* broken() {
    yield Buffer.from("the");
    throw new Error("storage is away");
  }
  const without = (blob: string, bytes: number) =>
    inPieces(Buffer.concat([bytesOf(blob), Buffer.alloc(9)], bytes));

  it.each([
    ["no longer stored", () => undefined, { code: "expired" }],
    ["a byte short", () => without("b", bytesOf("b").length - 1), { code: "internal" }],
    ["a byte too long", () => without("b", bytesOf("b").length + 1), { code: "internal" }],
    ["empty", () => inPieces(Buffer.alloc(0)), { code: "internal" }],
    ["broken off", broken, { message: "storage is away" }],
  ])("for one is %s leave nothing behind", async (_what, open, failure) => {
    const files = tempInputFiles(uploads({ b: open }), directory);
    await expect(files.borrow({ images: [input("a"), input("b"), input("c")] })).rejects.toMatchObject(
      failure,
    );
    expect(await readdir(directory)).toEqual([]);
  });

  it("are no longer read once they are longer than was recorded", async () => {
    let pieces = 0;
    async function* endless() {
      for (;;) {
        pieces += 1;
        yield Buffer.alloc(10_000);
      }
    }
    const { bytes } = input("b");
    const files = tempInputFiles(uploads({ b: endless }), directory);
    await expect(files.borrow({ images: [input("b")] })).rejects.toThrow("another length");
    expect(pieces).toBe(Math.floor(bytes / 10_000) + 1);
  });

  it("keep the others from being fetched, and end those under way", async () => {
    const blobs = Array.from({ length: 16 }, (_, index) => String(index));
    let ended = 0;
    async function* endless() {
      try {
        for (;;) {
          await new Promise(setImmediate);
          yield Buffer.alloc(0);
        }
      } finally {
        ended += 1;
      }
    }
    const store = uploads({ "0": broken, "1": endless, "2": endless, "3": endless });
    const files = tempInputFiles(store, directory);
    await expect(files.borrow({ images: blobs.map((blob) => input(blob)) })).rejects.toThrow(
      "storage is away",
    );
    expect(ended).toBe(3);
    expect(store.opened).toHaveLength(4);
    expect(await readdir(directory)).toEqual([]);
  });

  it("are told of once nothing goes on that could write", async () => {
    const store = uploads({ "0": broken });
    const gate = Promise.withResolvers<undefined>();
    const open = async (source: UploadSource) => {
      if (source.blob === "1") await gate.promise;
      return store.open(source);
    };
    const errors: unknown[] = [];
    const files = tempInputFiles({ open }, directory);
    const borrowing = files
      .borrow({ images: [input("0"), input("1")] })
      .catch((error: unknown) => errors.push(error));
    for (let turn = 0; turn < 100; turn += 1) await readdir(directory);
    expect(errors).toEqual([]);
    gate.resolve(undefined);
    await borrowing;
    expect(errors).toMatchObject([{ message: "storage is away" }]);
    expect(await readdir(directory)).toEqual([]);
  });

  it("may be borrowed by the next try", async () => {
    let tries = 0;
    const files = tempInputFiles(
      uploads({ a: () => ((tries += 1) === 1 ? undefined : inPieces(bytesOf("a"))) }),
      directory,
    );
    await expect(files.borrow({ images: [input("a")] })).rejects.toThrow("expired");
    const borrowed = await files.borrow({ images: [input("a")] });
    expect(await borrowed.images[0]?.text()).toBe(bytesOf("a").toString());
    await borrowed.release();
  });
});

describe("folders of processes that were killed", () => {
  async function leave(name: string, ageHours: number): Promise<void> {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, "image-0.png"), "left behind");
    const then = new Date(Date.now() - ageHours * 60 * 60_000);
    await utimes(join(directory, name), then, then);
  }
  async function borrowOnce(files = tempInputFiles(uploads(), directory)): Promise<string[]> {
    const borrowed = await files.borrow({ images: [input("a")] });
    await borrowed.release();
    return (await readdir(directory)).sort();
  }

  it("are removed a day later, and nobody else's", async () => {
    await leave("darkroom-inputs-old", 25);
    await leave("darkroom-inputs-young", 23);
    await leave("another-program", 25);
    await writeFile(join(directory, "darkroom-inputs-file"), "");
    await utimes(join(directory, "darkroom-inputs-file"), 0, 0);
    expect(await borrowOnce()).toEqual(["another-program", "darkroom-inputs-file", "darkroom-inputs-young"]);
  });

  it("are looked for once", async () => {
    const files = tempInputFiles(uploads(), directory);
    await borrowOnce(files);
    await leave("darkroom-inputs-old", 25);
    expect(await borrowOnce(files)).toEqual(["darkroom-inputs-old"]);
  });
});
