import { crc32 } from "node:zlib";
import {
  ImageInspection,
  type InspectionLimits,
  type ImageRejection,
  type SourceFacts,
} from "../../src/domain/image-format/image-inspection.ts";
import { corpusLimits, type ImageCase } from "./image-case.ts";

const defaultChunkBytes = 64 * 1024;

export function newInspection(limits: Partial<InspectionLimits> = {}): ImageInspection {
  return new ImageInspection({ ...corpusLimits, ...limits }, crc32);
}

/** The verdict on bytes that come in chunks whose sizes repeat; all come in one buffer that is written over each time. */
export function inspect(
  bytes: Uint8Array,
  sizes: readonly number[] = [defaultChunkBytes],
  limits: Partial<InspectionLimits> = {},
): SourceFacts | ImageRejection {
  const inspection = newInspection(limits);
  const buffer = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    const chunk = bytes.subarray(at, at + size);
    buffer.set(chunk);
    const rejection = inspection.push(buffer.subarray(0, chunk.length));
    buffer.fill(0xaa);
    if (rejection) return rejection;
    at += size;
  }
  return inspection.end();
}

/** The same for a case of the corpus, whose large files are streams; `afterChunk` may look around on the way. */
export async function inspectCase(
  { bytes }: Pick<ImageCase, "bytes">,
  afterChunk: () => void = () => undefined,
): Promise<SourceFacts | ImageRejection> {
  const file = bytes();
  const inspection = newInspection();
  for await (const chunk of file instanceof Uint8Array ? chunksOf(file) : file) {
    const rejection = inspection.push(chunk);
    afterChunk();
    if (rejection) return rejection;
  }
  return inspection.end();
}

function* chunksOf(file: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += defaultChunkBytes) yield file.subarray(at, at + defaultChunkBytes);
}
