import type { ReceivedPicture } from "../../../ports/image-model.ts";
import type { PictureSink, ReceivedPictures } from "./received-pictures.ts";

const maxPictureBytes = 64 * 1024 * 1024;

/** The pictures of one reply from their first byte until somebody owns them, by their numbers in the scan. */
export class IncomingPictures {
  readonly #pictures: ReceivedPictures;
  readonly #sinks = new Map<number, PictureSink>();
  readonly #whole = new Map<number, ReceivedPicture>();
  readonly #tooLarge = new Set<number>();

  constructor(pictures: ReceivedPictures) {
    this.#pictures = pictures;
  }

  async write(picture: number, block: Uint8Array): Promise<void> {
    if (this.#tooLarge.has(picture)) return;
    const sink = this.#sinkOf(picture);
    if (sink.bytes + block.byteLength <= maxPictureBytes) {
      await sink.write(block);
      return;
    }
    this.#tooLarge.add(picture);
    this.#sinks.delete(picture);
    await sink.discard();
  }

  async finish(picture: number): Promise<void> {
    if (this.#tooLarge.has(picture)) return;
    const sink = this.#sinkOf(picture);
    this.#whole.set(picture, await sink.finish());
    this.#sinks.delete(picture);
  }

  /** The picture among several of one entry: the first that holds anything. It is the caller's; the others are released. */
  async take(numbers: readonly number[]): Promise<ReceivedPicture | "tooLarge" | undefined> {
    const found = numbers.flatMap((number) => this.#whole.get(number) ?? []);
    const chosen = found.find(({ bytes }) => bytes > 0) ?? found[0];
    for (const number of numbers) this.#whole.delete(number);
    await Promise.all(found.filter((one) => one !== chosen).map((one) => one.release()));
    return chosen ?? (numbers.some((number) => this.#tooLarge.has(number)) ? "tooLarge" : undefined);
  }

  /** Frees what nobody took. */
  async clear(): Promise<void> {
    const left = [...this.#sinks.values()].map((sink) => sink.discard());
    left.push(...[...this.#whole.values()].map((picture) => picture.release()));
    this.#sinks.clear();
    this.#whole.clear();
    await Promise.all(left);
  }

  #sinkOf(picture: number): PictureSink {
    const sink = this.#sinks.get(picture) ?? this.#pictures.open();
    this.#sinks.set(picture, sink);
    return sink;
  }
}
