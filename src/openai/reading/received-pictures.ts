import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ReceivedPicture } from "../../ports.ts";
import { type MemoryBudget, memoryBudget } from "./memory-budget.ts";
import { receivedFolders } from "./received-folders.ts";

/** Takes in the bytes of one picture. It never waits for memory: what finds no room goes to a temporary file. */
export interface PictureSink {
  readonly bytes: number;
  /** Owns the block from then on. */
  write(block: Uint8Array): Promise<void>;
  finish(): Promise<ReceivedPicture>;
  /** Frees everything; not to be called after `finish`. */
  discard(): Promise<void>;
}

/** Where received pictures are kept until whoever listens has dealt with them. */
export interface ReceivedPictures {
  /** Memory of pictures that are coming in, or have come and not been released. */
  readonly held: MemoryBudget;
  /**
   * Memory of pictures that are read back from their files. It is apart from `held`: a call that hangs in the middle of a
   * picture holds memory for minutes, and nobody else's picture may wait for that.
   */
  readonly readBack: MemoryBudget;
  open(): PictureSink;
}

interface Options {
  maxHeldBytes?: number;
  maxReadBackBytes?: number;
  /** The system's own folder for temporary files when absent. */
  directory?: string;
}

const megabyte = 1024 * 1024;

/** Together 96 MB: the instance of 2 GB also holds the runtime, uploads to storage and inputs of edits. */
export function receivedPictures({
  maxHeldBytes = 64 * megabyte,
  maxReadBackBytes = 32 * megabyte,
  directory,
}: Options = {}): ReceivedPictures {
  const held = memoryBudget(maxHeldBytes);
  const readBack = memoryBudget(maxReadBackBytes);
  const makeFolder = receivedFolders(directory);
  return { held, readBack, open: () => new Sink(held, readBack, makeFolder) };
}

interface Spilled {
  folder: string;
  path: string;
  handle: FileHandle;
}

class Sink implements PictureSink {
  readonly #held: MemoryBudget;
  readonly #readBack: MemoryBudget;
  readonly #makeFolder: () => Promise<string>;
  #blocks: Uint8Array[] = [];
  #heldBytes = 0;
  #spilled: Spilled | undefined;
  #fileBytes = 0;
  /** A disk that is full, or not there: memory beyond the budget is better than a picture lost that is paid for. */
  #hasDiskFailed = false;

  constructor(held: MemoryBudget, readBack: MemoryBudget, makeFolder: () => Promise<string>) {
    this.#held = held;
    this.#readBack = readBack;
    this.#makeFolder = makeFolder;
  }

  get bytes(): number {
    return this.#fileBytes + this.#heldBytes;
  }

  async write(block: Uint8Array): Promise<void> {
    const isInMemory = this.#fileBytes === 0 && this.#held.tryTake(block.byteLength);
    if (!isInMemory) this.#held.overdraw(block.byteLength);
    this.#blocks.push(block);
    this.#heldBytes += block.byteLength;
    if (!isInMemory && !this.#hasDiskFailed) await this.#spill();
  }

  async finish(): Promise<ReceivedPicture> {
    if (!this.#spilled) return new HeldPicture(Buffer.concat(this.#blocks), this.#held);
    await this.#spilled.handle.close();
    const tail = { bytes: Buffer.concat(this.#blocks), budget: this.#held };
    return new FiledPicture(this.#spilled, this.#fileBytes, tail, this.#readBack);
  }

  async discard(): Promise<void> {
    this.#letGo();
    if (!this.#spilled) return;
    await this.#spilled.handle.close().catch(() => undefined);
    await rm(this.#spilled.folder, { recursive: true, force: true });
  }

  /** Moves to the file what memory holds. A block counts as written when it is there whole. */
  async #spill(): Promise<void> {
    try {
      this.#spilled ??= await this.#openFile();
      for (let block = this.#blocks[0]; block; block = this.#blocks[0]) {
        await writeWhole(this.#spilled.handle, block, this.#fileBytes);
        this.#fileBytes += block.byteLength;
        this.#heldBytes -= block.byteLength;
        this.#blocks.shift();
        this.#held.give(block.byteLength);
      }
    } catch {
      this.#hasDiskFailed = true;
    }
  }

  async #openFile(): Promise<Spilled> {
    const folder = await this.#makeFolder();
    const path = join(folder, "picture");
    try {
      return { folder, path, handle: await open(path, "wx", 0o600) };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  #letGo(): void {
    this.#held.give(this.#heldBytes);
    this.#blocks = [];
    this.#heldBytes = 0;
  }
}

async function writeWhole(handle: FileHandle, block: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < block.byteLength;) {
    const { bytesWritten } = await handle.write(block, done, block.byteLength - done, position + done);
    done += bytesWritten;
  }
}

const released = () => new Error("a received picture was read after its release");

class HeldPicture implements ReceivedPicture {
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

  async release(): Promise<void> {
    if (this.#content) this.#budget.give(this.bytes);
    this.#content = undefined;
    return Promise.resolve();
  }
}

/** In a file, except for a tail that the disk had no room for. */
class FiledPicture implements ReceivedPicture {
  readonly bytes: number;
  readonly #file: Spilled;
  readonly #fileBytes: number;
  readonly #readBack: MemoryBudget;
  #tail: HeldPicture | undefined;
  #reading: Promise<Uint8Array> | undefined;
  #isReleased = false;

  constructor(
    file: Spilled,
    fileBytes: number,
    tail: { bytes: Uint8Array; budget: MemoryBudget },
    readBack: MemoryBudget,
  ) {
    this.#file = file;
    this.#fileBytes = fileBytes;
    this.#readBack = readBack;
    this.bytes = fileBytes + tail.bytes.byteLength;
    this.#tail = new HeldPicture(tail.bytes, tail.budget);
  }

  async read(): Promise<Uint8Array> {
    if (this.#isReleased) throw released();
    this.#reading ??= this.#load().catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    return this.#reading;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const reading = this.#reading;
    this.#reading = undefined;
    // One that is still being read gives its memory back by itself.
    if (reading) void reading.then(() => this.#readBack.give(this.bytes)).catch(() => undefined);
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
