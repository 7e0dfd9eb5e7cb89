import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ReceivedPicture } from "../../../ports/image-model.ts";
import { type MemoryBudget, memoryBudget } from "./memory-budget.ts";
import { FiledPicture, HeldPicture, type PictureFile } from "./received-picture.ts";
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

/** Where received pictures are kept until anyone who listens has dealt with them. */
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

interface Spilled extends PictureFile {
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
    const tail = new HeldPicture(Buffer.concat(this.#blocks), this.#held);
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
