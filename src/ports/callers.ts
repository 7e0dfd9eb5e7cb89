import type { Seal } from "../domain/list-cursor.ts";

/** Decides who is calling. Undefined means nobody we know. */
export interface Authenticator {
  identify(headers: { get(name: string): string | null }): string | undefined;
}

/** The way to the one who is sent an answer bit by bit. */
export interface Connection {
  /** Aborted once nobody is there any more. */
  closed: AbortSignal;
  /** Settles when the answer's last byte was handed over (true), or nobody was there to take it (false). Never rejects. */
  written: Promise<boolean>;
  /** Waits until what was sent has been taken. False when nobody is there to take it, or when it was stopped before. */
  taken(stopped: AbortSignal): Promise<boolean>;
}

export interface Connections {
  of(requestId: string): Connection;
}

/** Signs addresses of results: one job, read-only, expiring. */
export interface ResultSigner {
  sign(jobId: string): { expires: string; signature: string };
  verify(jobId: string, given: { expires: string; signature: string }): boolean;
}

/** Signs places in lists, so that nobody reads from a place they weren't given. */
export type CursorSigner = Seal;
