import type { JobStatus } from "./image-job.ts";

/** What a list of jobs is narrowed to. */
export interface JobFilters {
  status?: JobStatus;
  model?: string;
  tag?: string;
}

/** Says whether a text is genuine, and makes it so. */
export interface Seal {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

// Another way of telling a place makes a new version; cursors of the old one are refused then.
const version = 1;

/**
 * A cursor is a place in one list: `{version, place}` in base64url, a dot, and a signature. What is signed names the list,
 * that is its caller and filters, so that a cursor opens no other one: the place alone may be any place in storage.
 */
export function writeCursor(list: string, place: string, seal: Seal): string {
  const payload = toBase64Url(JSON.stringify([version, place]));
  return `${payload}.${seal.sign(`${list}\n${payload}`)}`;
}

/** The place that a cursor of this list tells, or undefined when it is none: cut, altered, outdated, or another list's. */
export function readCursor(list: string, cursor: string, seal: Seal): string | undefined {
  const [payload = "", signature, ...more] = cursor.split(".");
  if (signature === undefined || more.length > 0) return undefined;
  if (!seal.verify(`${list}\n${payload}`, signature)) return undefined;
  const [writtenBy, place] = JSON.parse(fromBase64Url(payload)) as [number, string];
  return writtenBy === version ? place : undefined;
}

/** The same text for the same list, and for no other: every part is quoted. */
export function nameOfList(caller: string, { status, model, tag }: JobFilters): string {
  return JSON.stringify([caller, status ?? null, model ?? null, tag ?? null]);
}

/** Places are ASCII, so that a character is a byte. */
function toBase64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): string {
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}
