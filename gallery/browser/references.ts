import type { ApiClient } from "../api/client.ts";
import type { FrameRef } from "../model/sheet.ts";
import { fileName } from "./pictures.ts";

/** A picture that the next request starts from. */
export interface Reference {
  file: File;
  /** Shows it, from this tab's memory. */
  url: string;
  /** The job's image it is, where it is one. */
  source?: FrameRef | undefined;
}

export function referenceTo(file: File, source?: FrameRef): Reference {
  return { file, url: URL.createObjectURL(file), source };
}

export async function referenceToImage(api: ApiClient, { id, index }: FrameRef): Promise<Reference> {
  const bytes = await api.bytes(id, index);
  const file = new File([bytes], fileName(id, index, bytes.type), { type: bytes.type });
  return referenceTo(file, { id, index });
}

// Nobody keeps a file of one's own but this tab: what an edit began with can be compared until it is closed.
const befores = new Map<string, string>();

export const rememberBefore = (jobId: string, file: File): void =>
  void befores.set(jobId, URL.createObjectURL(file));
export const beforeInMemory = (jobId: string): string | undefined => befores.get(jobId);
