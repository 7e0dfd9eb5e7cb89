import { createHash } from "node:crypto";
import { AppError } from "../../src/domain/app-error.ts";
import { recogniseConvertible, recogniseImage } from "../../src/domain/image-format/media-type.ts";
import type { Link } from "../../src/ports/images.ts";
import type {
  ResultStore,
  ImageFetcher,
  Inbox,
  InboxFile,
  InboxListing,
  InputFiles,
  ImageProcessor,
  OpenTicket,
  TicketStore,
  UploadFacts,
  UploadSource,
  UploadStore,
} from "../../src/ports/inputs.ts";
import { type Diary, type FakeClock, Outage } from "./fakes.ts";

/** The ports of edits in memory, typed by their ports like the others. */

interface HeldBlob {
  bytes: Buffer;
  etag: string;
  modifiedAt: Date;
  metadata: Record<string, string>;
}

export class MemoryTicketStore implements TicketStore {
  readonly tickets = new Map<string, OpenTicket & { callerTag: string }>();

  async add(callerTag: string, tickets: readonly OpenTicket[]): Promise<void> {
    for (const ticket of tickets) this.tickets.set(ticket.uploadId, { ...ticket, callerTag });
  }
  async list(callerTag: string): Promise<OpenTicket[]> {
    return [...this.tickets.values()].filter((ticket) => ticket.callerTag === callerTag);
  }
  async remove(_callerTag: string, tickets: readonly OpenTicket[]): Promise<void> {
    for (const { uploadId } of tickets) this.tickets.delete(uploadId);
  }
}

export class MemoryUploadStore implements UploadStore {
  /** By container and name: "uploads/upl_…", "edit-inbox/cat.png". */
  readonly blobs = new Map<string, HeldBlob>();
  readonly outage = new Outage();
  /** Names that tickets were made for. */
  readonly tickets: string[] = [];
  /** What somebody else does to a blob just before its first byte is read. */
  beforeRead: (path: string) => void = () => undefined;
  readonly #clock: FakeClock;
  #versions = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Lays down a blob as somebody else would, over whatever stands there. */
  drop(path: string, content: Uint8Array | string | object, metadata: Record<string, string> = {}): HeldBlob {
    const text =
      typeof content === "object" && !(content instanceof Uint8Array) ? JSON.stringify(content) : content;
    this.#versions += 1;
    const blob: HeldBlob = {
      bytes: Buffer.from(text as string),
      etag: `0x${this.#versions}`,
      modifiedAt: this.#clock.now(),
      metadata,
    };
    this.blobs.set(path, blob);
    return blob;
  }

  /** Names of what stands in `uploads`. */
  get uploads(): string[] {
    return [...this.blobs.keys()].flatMap((path) => /^uploads\/(.*)/.exec(path)?.slice(1) ?? []);
  }

  async write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
    this.outage.check("write");
    if (this.blobs.has(`uploads/${name}`)) return false;
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    this.drop(`uploads/${name}`, Buffer.concat(chunks));
    return true;
  }

  async find(source: UploadSource): Promise<UploadFacts | undefined> {
    this.outage.check("find");
    const blob = this.#at(source);
    if (!blob) return undefined;
    const { bytes, ...facts } = blob;
    return { ...facts, bytes: bytes.byteLength };
  }

  async open(source: UploadSource): Promise<AsyncIterable<Uint8Array> | undefined> {
    this.outage.check("open");
    const blob = this.#at(source);
    return blob && this.#readVersion(`${source.container}/${source.blob}`, blob);
  }

  async remove(name: string): Promise<void> {
    this.blobs.delete(`uploads/${name}`);
  }

  async removeAll(prefix: string): Promise<void> {
    this.outage.check("removeAll");
    for (const name of this.uploads) if (name.startsWith(prefix)) await this.remove(name);
  }

  async ticket(name: string): Promise<Link> {
    this.tickets.push(name);
    return {
      url: `https://storage.example/uploads/${name}?sig=ticket`,
      expiresAt: new Date(this.#clock.ms + 15 * 60_000),
    };
  }

  /** As the service does: a version that is gone by the time it is read ends in a conflict. */
  async *#readVersion(path: string, blob: HeldBlob): AsyncGenerator<Uint8Array> {
    this.beforeRead(path);
    if (this.blobs.get(path) !== blob) throw new AppError("conflict", "was overwritten while it was read.");
    yield* inPieces(blob.bytes);
  }

  #at({ container, blob, etag }: UploadSource): HeldBlob | undefined {
    const held = this.blobs.get(`${container}/${blob}`);
    return etag === undefined || held?.etag === etag ? held : undefined;
  }
}

/** The inbox of a store in memory, in pages of the given size. */
export class MemoryInboxListing implements InboxListing {
  listed = 0;
  readonly #uploads: MemoryUploadStore;
  readonly #pageSize: number;
  readonly #inbox: Inbox;

  constructor(uploads: MemoryUploadStore, pageSize = 5_000, inbox: Inbox = "edit-inbox") {
    this.#uploads = uploads;
    this.#pageSize = pageSize;
    this.#inbox = inbox;
  }

  async *pages(): AsyncGenerator<InboxFile[]> {
    const files = [...this.#uploads.blobs].flatMap(([path, { bytes, ...facts }]) => {
      const blob = path.startsWith(`${this.#inbox}/`) ? path.slice(this.#inbox.length + 1) : undefined;
      return blob === undefined ? [] : [{ ...facts, blob, bytes: bytes.byteLength }];
    });
    for (let at = 0; at === 0 || at < files.length; at += this.#pageSize) {
      this.listed += 1;
      yield await Promise.resolve(files.slice(at, at + this.#pageSize));
    }
  }
}

export class MemoryResultStore implements ResultStore {
  readonly results = new Map<string, { version: Date; result: object }>();
  readonly outage = new Outage();

  async publish(name: string, version: Date, result: object): Promise<void> {
    this.outage.check("publish");
    const current = this.results.get(name);
    if (current && current.version > version) return;
    this.results.set(name, { version, result: structuredClone(result) });
  }
}

/** Marks what it did instead of doing it; masks are as opaque as `alpha` says. */
export class FakeImageProcessor implements ImageProcessor {
  readonly done: string[] = [];
  alpha: { lowest: number; highest: number } | undefined = { lowest: 0, highest: 255 };
  decodes = true;

  async normalize(bytes: Uint8Array, kind: string) {
    this.done.push(`clean ${kind}`);
    return this.decodes
      ? { bytes: Buffer.from(`cleaned ${bytes.byteLength}`), width: 7, height: 9 }
      : undefined;
  }

  /** By the bytes that inspection goes by; how many pixels there are is made up. */
  async measure(bytes: Uint8Array) {
    const kind = recogniseImage(bytes) ?? recogniseConvertible(bytes);
    return kind && { kind, width: 7, height: 9, isRaw: false };
  }

  async alphaRange() {
    return this.alpha;
  }

  async resizeMask(
    _mask: Uint8Array,
    { size, invert }: { size: { width: number; height: number }; invert: boolean },
  ) {
    this.done.push(`refit ${size.width}x${size.height}${invert ? " inverted" : ""}`);
    return this.decodes ? Buffer.from("refitted") : undefined;
  }
}

/** Knows the addresses it was told of; any other is refused. */
export class FakeImageFetcher implements ImageFetcher {
  readonly pictures = new Map<string, Uint8Array>();
  readonly asked: string[] = [];

  async open(url: string): Promise<AsyncIterable<Uint8Array>> {
    this.asked.push(url);
    const bytes = this.pictures.get(url);
    if (!bytes) throw new AppError("invalidRequest", "leads to a private address, which isn't fetched.");
    return inPieces(bytes);
  }
}

/** Files that hold their blob's name; counts what was borrowed and given back. */
export class FakeInputFiles implements InputFiles {
  borrowed = 0;
  released = 0;
  readonly outage = new Outage();
  readonly #diary: Diary;

  constructor(diary: Diary = []) {
    this.#diary = diary;
  }

  async borrow({ images, mask }: Parameters<InputFiles["borrow"]>[0]) {
    this.#diary.push("borrow");
    this.outage.check("borrow");
    this.borrowed += 1;
    const fileOf = ({ blob, contentType }: { blob: string; contentType: string }) =>
      new File([blob], blob, { type: contentType });
    return {
      images: images.map(fileOf),
      ...(mask && { mask: fileOf(mask) }),
      release: async () => {
        this.#diary.push("release");
        this.released += 1;
      },
    };
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size));
}
