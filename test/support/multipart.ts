import { createHash } from "node:crypto";
import { HttpRequest } from "@azure/functions";
import { type FormFile, type FormLimits, readMultipart } from "../../src/http/read-multipart.ts";
import { origin } from "./http.ts";

export const boundary = "----darkroom";
export const formType = `multipart/form-data; boundary=${boundary}`;
export const limits: FormLimits = { images: 3, bodyBytes: 4 * 1024 * 1024 };

/** A part as it stands between boundaries. Header lines are taken as they are, broken ones too. */
export function part(headers: string | string[], content: string | Uint8Array = ""): Buffer {
  const head = [headers].flat().map((line) => `${line}\r\n`);
  return Buffer.concat([Buffer.from(`${head.join("")}\r\n`), Buffer.from(content)]);
}

export const named = (name: string) => `Content-Disposition: form-data; name="${name}"`;
export const text = (name: string, content: string | Uint8Array) => part(named(name), content);

export function file(
  name: string,
  content: string | Uint8Array,
  fileName = "a.png",
  type = "image/png",
): Buffer {
  return part([`${named(name)}; filename="${fileName}"`, `Content-Type: ${type}`], content);
}

export function form(...parts: Uint8Array[]): Buffer {
  const lead = Buffer.from(`--${boundary}\r\n`);
  return Buffer.concat([
    ...parts.flatMap((bytes) => [lead, bytes, Buffer.from("\r\n")]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

export interface Arrival {
  type?: string;
  /** Bytes of each chunk, or the chunks' lengths in turn. */
  chunk?: number | number[];
  headers?: Record<string, string>;
  /** Thrown by the source after the last byte, as a lost connection would. */
  lost?: Error;
}

/** A request whose body is made while it is read; `pulled` counts the bytes that were asked for. */
export function arriving(body: Uint8Array, { type = formType, chunk = 65_536, headers, lost }: Arrival = {}) {
  const sizes = [chunk].flat();
  const source = { pulled: 0, isCancelled: false };
  let turn = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (source.pulled < body.length) {
          const next = body.subarray(source.pulled, source.pulled + (sizes[turn++ % sizes.length] ?? 1));
          source.pulled += next.length;
          controller.enqueue(next);
        } else if (lost) controller.error(lost);
        else controller.close();
      },
      cancel: () => void (source.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  const url = `${origin}/api/images/edits`;
  const nativeRequest = new Request(url, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body: stream,
    duplex: "half",
  });
  // The class takes a streamed request so from the host; its published type leaves that out.
  const init = { url, method: "POST" as const, nativeRequest };
  return { request: new HttpRequest(init), source };
}

export const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** What a form holds, its files as "field role index content". */
export async function contentOf(
  request: HttpRequest,
  most: FormLimits = limits,
  show: (bytes: Buffer) => string = (bytes) => bytes.toString("latin1"),
) {
  return readMultipart(
    request,
    most,
    async ({ field, role, index, bytes }: FormFile) =>
      `${field} ${role} ${index} ${show(await bytesOf(bytes))}`,
  );
}
