import type { CallerRecord } from "../domain/caller-registry.ts";
import type { Identity, Scope, TokenGrant } from "../domain/identity.ts";
import type { Seal } from "../domain/list-cursor.ts";

/** Decides who is calling, and what they may do. Undefined means nobody we know. */
export interface Authenticator {
  /** Throws `unauthorized`, saying why, for a token that is ours and no good any more. */
  identify(headers: { get(name: string): string | null }): Promise<Identity | undefined>;
}

/** A caller and the key that it was found by. */
export interface KeyHolder {
  caller: string;
  /** Tells keys apart, and is no secret. */
  keyId: string;
  scopes: readonly Scope[];
}

/** Callers and their keys as they stand now. */
export interface CallerKeys {
  /** `keyHash` is the SHA-256 of a key, in hex. */
  findByHash(keyHash: string): Promise<KeyHolder | undefined>;
  /** The holder of a key that is neither revoked nor expired. */
  findById(keyId: string): Promise<KeyHolder | undefined>;
}

/** A caller of API_KEYS. */
export interface SettingCaller {
  name: string;
  keyId: string;
  scopes: readonly Scope[];
}

/** The table of callers that operators keep. */
export interface CallerRegistry {
  list(): Promise<CallerRecord[]>;
  /**
   * Writes the caller that `change` makes of all callers as they stand; of writers at the same moment one comes after the
   * other, so that what `change` checks of the others holds. What it throws is thrown, and nothing written.
   */
  change(change: (all: readonly CallerRecord[]) => CallerRecord): Promise<CallerRecord>;
}

/** What an operator did. */
export interface AuditEntry {
  /** ISO 8601. */
  at: string;
  operator: string;
  act: string;
  /** A job, a caller, a key: ids and names only. */
  target: string;
  requestId: string;
  /** The reply's status, or the code of the error; absent when the act was cut off. */
  outcome?: string | undefined;
}

/** Every act of an operator, written before it is done. */
export interface AuditLog {
  /** Returns how to write what came of it. */
  begin(entry: AuditEntry): Promise<(outcome: string) => Promise<void>>;
  /** The last ones, newest first. */
  list(limit: number): Promise<AuditEntry[]>;
}

/** A token as it is made: for a subject of the caller whose key made it. */
export interface IssuedToken {
  owner: string;
  keyId: string;
  scopes: readonly Scope[];
  grant: TokenGrant;
}

/** Signed access tokens (JWT), which any instance can check without asking storage. */
export interface AccessTokens {
  issue(token: IssuedToken): Promise<string>;
  /** Undefined for a text that is no token of ours. Throws `unauthorized` for one that has expired. */
  read(text: string): Promise<IssuedToken | undefined>;
}

/** Counts the jobs of tokens, for all instances. */
export interface TokenUses {
  /** Counts one more. False, and nothing counted, when the token has had all its jobs. */
  take(token: TokenGrant): Promise<boolean>;
  /** Takes back one count of a job that was not made. */
  giveBack(token: TokenGrant): Promise<void>;
  removeExpired(now: Date): Promise<void>;
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
