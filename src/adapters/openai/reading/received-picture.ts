import { open, rm } from "node:fs/promises";
import type { ReceivedPicture } from "../../../ports/image-model.ts";
import type { MemoryBudget } from "./memory-budget.ts";

export interface PictureFile {
  /** Holds the file and nothing else. */
  folder: string;
  path: string;
}

const released = () => new Error("a received picture was read after its release");

/** In memory, which was taken from the budget already. */
export class HeldPicture implements ReceivedPicture {
  readonly bytes: number;
  readonly #budget: MemoryBudget;
  #content: Uint8Array | undefined;

  constructor(content: Uint8Array, budget: MemoryBudget) {
    this.bytes = content.byteLength;
    this.#content = content;
    this.#budget = budget;
  }

  async read(): Promise<Uint8Array> {
    if (!this.#content) throw released();
    return Promise.resolve(this.#content);
  }

  async unload(): Promise<void> {
    return Promise.resolve();
  }

  async release(): Promise<void> {
    if (this.#content) this.#budget.give(this.bytes);
    this.#content = undefined;
    return Promise.resolve();
  }
}

/** In a file, except for a tail that the disk had no room for. */
export class FiledPicture implements ReceivedPicture {
  readonly bytes: number;
  readonly #file: PictureFile;
  readonly #fileBytes: number;
  readonly #readBack: MemoryBudget;
  #tail: HeldPicture | undefined;
  #reading: Promise<Uint8Array> | undefined;
  #isReleased = false;

  constructor(file: PictureFile, fileBytes: number, tail: HeldPicture, readBack: MemoryBudget) {
    this.#file = file;
    this.#fileBytes = fileBytes;
    this.#readBack = readBack;
    this.bytes = fileBytes + tail.bytes;
    this.#tail = tail;
  }

  async read(): Promise<Uint8Array> {
    if (this.#isReleased) throw released();
    this.#reading ??= this.#load().catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    return this.#reading;
  }

  async unload(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    // One that is still being read gives its memory back by itself.
    if (reading) void reading.then(() => this.#readBack.give(this.bytes)).catch(() => undefined);
    return Promise.resolve();
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.unload();
    await this.#tail?.release();
    this.#tail = undefined;
    await rm(this.#file.folder, { recursive: true, force: true });
  }

  async #load(): Promise<Uint8Array> {
    await this.#readBack.take(this.bytes);
    let isLoaded = false;
    try {
      const tail = await this.#tail?.read();
      if (!tail) throw released();
      const content = Buffer.allocUnsafeSlow(this.bytes);
      content.set(tail, this.#fileBytes);
      await readWhole(this.#file.path, content.subarray(0, this.#fileBytes));
      isLoaded = true;
      return content;
    } finally {
      if (!isLoaded) this.#readBack.give(this.bytes);
    }
  }
}

async function readWhole(path: string, into: Uint8Array): Promise<void> {
  const handle = await open(path, "r");
  try {
    for (let done = 0; done < into.byteLength;) {
      const { bytesRead } = await handle.read(into, done, into.byteLength - done, done);
      if (bytesRead === 0) throw new Error("the file of a received picture is shorter than it was");
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
