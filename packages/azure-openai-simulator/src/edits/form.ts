import { createHash } from "node:crypto";
import { Busboy, type BusboyFileStream } from "@fastify/busboy";

/** One part of a multipart body, byte for byte. */
export interface Part {
  readonly name: string;
  /** Absent for a text field. */
  readonly fileName: string | undefined;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export type FormFlaw = "wrong-type" | "no-boundary" | "malformed";

export interface Form {
  /** In the order received; with a flaw, those that came before it. */
  readonly parts: readonly Part[];
  readonly flaw: FormFlaw | undefined;
}

/** Reads a multipart body strictly: what is not whole is a flaw, and nothing is guessed. */
export async function readForm(contentType: string | undefined, body: Buffer): Promise<Form> {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType ?? "")) return { parts: [], flaw: "wrong-type" };
  if (!/;\s*boundary=("[^"]+"|[^\s";]+)/i.test(contentType ?? "")) return { parts: [], flaw: "no-boundary" };
  const parts: Part[] = [];
  const flaw = await new Promise<FormFlaw | undefined>((resolve) => {
    const malformed = () => resolve("malformed");
    try {
      const parser = new Busboy({
        headers: { "content-type": contentType ?? "" },
        preservePath: true,
        // Every part as bytes: what is text is decided by its name, and hashes want what was sent.
        isPartAFile: () => true,
      });
      parser.on("file", (name, stream, fileName, _encoding, type) => {
        stream.on("error", malformed);
        collect(stream, (bytes) => parts.push(partOf(name, fileName, type, bytes)));
      });
      parser.on("finish", () => resolve(undefined));
      parser.on("error", malformed);
      parser.end(body);
    } catch {
      malformed();
    }
  });
  return { parts, flaw: flaw ?? (parts.some(({ name }) => name === "") ? "malformed" : undefined) };
}

// The library's types promise a string where a header said nothing.
function partOf(
  name: string | undefined,
  fileName: string | undefined,
  contentType: string,
  bytes: Buffer,
): Part {
  return { name: name ?? "", fileName, contentType, bytes };
}

function collect(stream: BusboyFileStream, done: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => done(Buffer.concat(chunks)));
}

export function isFile({ fileName, contentType }: Part): boolean {
  return fileName !== undefined || !contentType.startsWith("text/");
}

/** `image`, repeated `image` and `image[]` are one list, in the order sent. */
export function isImage({ name }: Part): boolean {
  return name === "image" || name === "image[]";
}

/** The text of a field, and nothing when it is absent or a file. */
export function textField(form: Form | undefined, name: string): string | undefined {
  const part = form?.parts.find((candidate) => candidate.name === name && !isFile(candidate));
  return part?.bytes.toString("utf8");
}

/** What the ledger keeps of a form: enough to prove that every byte arrived. */
export interface FormRecord {
  readonly inputImages: number;
  readonly mask: boolean;
  readonly parts: readonly (Omit<Part, "bytes"> & { readonly length: number; readonly sha256: string })[];
}

export function recordOf({ parts }: Form): FormRecord {
  return {
    inputImages: parts.filter(isImage).length,
    mask: parts.some(({ name }) => name === "mask"),
    parts: parts.map(({ bytes, ...part }) => ({
      ...part,
      length: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    })),
  };
}
