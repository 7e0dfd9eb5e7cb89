import { AppError } from "./app-error.ts";

/** Who is calling, and what they may do. */

export const scopes = ["generate", "edit", "read", "operator"] as const;
export type Scope = (typeof scopes)[number];

/** What a token may be given: whatever acts on its subject's own jobs. */
export const tokenScopes = ["generate", "edit", "read"] as const satisfies readonly Scope[];
export type TokenScope = (typeof tokenScopes)[number];

/** What a token allows beyond the scopes of its caller. Times are ISO 8601 in UTC. */
export interface TokenGrant {
  id: string;
  subject: string;
  expiresAt: string;
  maxJobs: number;
  /** Models that its jobs may run on; absent: all. */
  models?: readonly string[];
  /** Tags that its jobs may have; absent: any. */
  tags?: readonly string[];
  /** The most that its jobs may cost together; absent: as much as its caller may spend. */
  maxSpend?: Spend;
}

/** An amount in millionths of a unit of the currency (ISO 4217). */
export interface Spend {
  amount: number;
  currency: string;
}

export interface Identity {
  /** Whose jobs are meant: with a token its subject's, which are nobody else's. */
  caller: string;
  scopes: readonly Scope[];
  /** The key that was sent, or that the token was made with. A sign-in has none. */
  keyId?: string;
  token?: TokenGrant;
}

/**
 * The caller that stands for one subject of an owner. The subject is encoded, so that no two pairs of owner and subject make
 * the same text.
 */
export function subjectCaller(owner: string, subject: string): string {
  return `subject:${encodeURIComponent(subject)}@${owner}`;
}

/** Who answers for a caller: of a subject the caller whose key made its tokens; any other itself. */
export function ownerOf(caller: string): string {
  return caller.startsWith("subject:") ? caller.slice(caller.indexOf("@") + 1) : caller;
}

/** The subject that a caller stands for; undefined for one with a key of their own. */
export function subjectOf(caller: string): string | undefined {
  if (!caller.startsWith("subject:")) return undefined;
  return decodeURIComponent(caller.slice("subject:".length, caller.indexOf("@")));
}

/** Throws `forbidden`, naming them, unless the identity has one of the scopes. */
export function requireScope({ scopes: given, token }: Identity, needed: readonly Scope[]): void {
  if (needed.some((scope) => given.includes(scope))) return;
  const what = token ? "This token" : "This key";
  throw new AppError("forbidden", `${what} has no scope ${needed.join(" or ")}: it has ${given.join(", ")}.`);
}

export interface RequestedJob {
  kind: "generation" | "edit";
  model: string;
  requested?: { model?: string | undefined } | undefined;
  tags?: readonly string[] | undefined;
}

/** Throws `forbidden`, naming what, unless the identity may have such a job. How many it has had is counted elsewhere. */
export function requireJobAllowed(identity: Identity, job: RequestedJob): void {
  requireScope(identity, [job.kind === "edit" ? "edit" : "generate"]);
  const { models, tags } = identity.token ?? {};
  const asked = [job.requested?.model, job.model].filter((name) => name !== undefined);
  if (models && !models.some((model) => asked.includes(model)))
    throw new AppError("forbidden", `This token may not use ${job.model}; its models: ${models.join(", ")}.`);
  const other = tags && job.tags?.find((tag) => !tags.includes(tag));
  if (tags && other !== undefined)
    throw new AppError("forbidden", `This token may not use the tag ${other}; its tags: ${tags.join(", ")}.`);
}
