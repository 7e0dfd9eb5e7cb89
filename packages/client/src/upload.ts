import { ConnectionError, UploadError, ApiError } from "./errors.ts";
import { backoffMs, pause, throwIfAborted } from "./pause.ts";
import type { Session } from "./session.ts";
import type { Upload, UploadTicket } from "./types.ts";

/** Bytes of a PNG or JPEG file. React Native sends a `Blob` alone: `await (await fetch(uri)).blob()`. */
export type FileBytes = Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

export function isFileBytes(value: object): value is FileBytes {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/**
 * Sends a file to a ticket's link. The link makes its file once: where an earlier attempt's answer was lost, or the phone
 * sent it in the background, storage refuses the second. So the API is asked before a refusal counts as one.
 */
export async function putFile(
  session: Session,
  ticket: UploadTicket,
  file: FileBytes,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let failures = 0; ;) {
    const outcome = await attempt(session, ticket, file, signal);
    if (outcome === "arrived") return;
    if (!(outcome instanceof ConnectionError) && !isPassing(outcome.status)) {
      if (await hasArrived(session, ticket.upload_id, signal)) return;
      throw outcome;
    }
    failures += 1;
    if (failures > session.maxRetries) throw outcome;
    await pause(backoffMs(failures, undefined), signal);
  }
}

async function attempt(
  session: Session,
  { url, method, headers, upload_id: uploadId }: UploadTicket,
  body: FileBytes,
  signal: AbortSignal | undefined,
): Promise<"arrived" | UploadError | ConnectionError> {
  try {
    const { ok, status } = await session.fetchOpen(url, { method, headers, body, ...(signal && { signal }) });
    return ok ? "arrived" : new UploadError(status, uploadId);
  } catch (error) {
    throwIfAborted(signal);
    return new ConnectionError("The storage account can't be reached.", { cause: error });
  }
}

async function hasArrived(
  session: Session,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await session.json<Upload>(`/api/uploads/${encodeURIComponent(uploadId)}`, { signal });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

const isPassing = (status: number) => status === 429 || status >= 500;
