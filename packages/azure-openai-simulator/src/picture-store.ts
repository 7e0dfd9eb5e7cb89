import { draw, type PictureOrder } from "./drawing/draw.ts";

export interface PictureOrigin {
  readonly model: string;
  readonly deployment: string | undefined;
  readonly prompt: string;
}

export interface StoredPicture {
  readonly order: PictureOrder;
  readonly origin: PictureOrigin;
  readonly expiresAt: number;
  drawn: Promise<Buffer> | undefined;
}

/** Pictures behind URLs. Only recent bytes stay in memory: drawing an order again gives the same bytes. */
export class PictureStore {
  readonly #pictures = new Map<string, StoredPicture>();
  /** Those whose bytes are in memory, oldest first. */
  readonly #kept: StoredPicture[] = [];
  readonly #maxKept: number;

  constructor(maxKept = 64) {
    this.#maxKept = maxKept;
  }

  put(path: string, picture: StoredPicture): void {
    this.#forgetExpired();
    this.#pictures.set(path, picture);
    this.#kept.push(picture);
    const old = this.#kept.length > this.#maxKept ? this.#kept.shift() : undefined;
    if (old !== undefined) old.drawn = undefined;
  }

  find(path: string): StoredPicture | undefined {
    return this.#pictures.get(path);
  }

  read(picture: StoredPicture): Promise<Buffer> {
    return picture.drawn ?? draw(picture.order);
  }

  /** Put in order of age, so the first that lives ends the search; a shorter life given later waits its turn. */
  #forgetExpired(): void {
    const now = Date.now();
    for (const [path, { expiresAt }] of this.#pictures) {
      // A day of grace: an expired address must be told apart from one that never was.
      if (expiresAt + 86_400_000 > now) return;
      this.#pictures.delete(path);
    }
  }
}
