import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../domain/app-error.ts";
import { type Identity, scopes, subjectCaller, tokenScopes } from "../../domain/identity.ts";
import type { AccessTokens, Authenticator, CallerKeys } from "../../ports/callers.ts";

interface AuthenticatorDeps {
  keys: CallerKeys;
  tokens: AccessTokens;
  /** True only when the platform itself says that it checks sign-ins: anyone can send the header otherwise. */
  trustsEntraHeader: boolean;
  /** The caller that is an operator by settings. */
  operator?: string | undefined;
}

const principal = z.looseObject({ claims: z.array(z.looseObject({ typ: z.string(), val: z.string() })) });
const objectIdClaims = ["http://schemas.microsoft.com/identity/claims/objectidentifier", "oid"];
const tenantIdClaims = ["http://schemas.microsoft.com/identity/claims/tenantid", "tid"];

/** The caller that a key's name stands for, in API_KEYS or in the table of callers. */
export function callerByKey(name: string): string {
  return `key:${name}`;
}

/** The caller that a setting names: by an entry of API_KEYS, or as what the authenticator makes of a sign-in. */
export function callerNamed(name: string): string {
  return name.startsWith("entra:") ? name : callerByKey(name);
}

/** Tells who is calling: by API key, by a token made with one, or by a sign-in that App Service has checked. */
export function apiKeyAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { keys, tokens, trustsEntraHeader, operator } = deps;

  /** A token is no better than the key that made it: when that goes, it goes as well. */
  async function byToken(text: string): Promise<Identity | undefined> {
    const token = await tokens.read(text);
    if (!token) return undefined;
    const holder = await keys.findById(token.keyId);
    if (holder?.caller !== token.owner)
      throw new AppError("unauthorized", "The key that this token was made with is not valid any more.");
    return {
      caller: subjectCaller(token.owner, token.grant.subject),
      scopes: token.scopes.filter((scope) => holder.scopes.includes(scope)),
      keyId: token.keyId,
      token: token.grant,
    };
  }

  async function byKey(text: string): Promise<Identity | undefined> {
    const holder = await keys.findByHash(createHash("sha256").update(text).digest("hex"));
    return holder && { ...holder };
  }

  return {
    async identify(headers) {
      const signedIn = trustsEntraHeader ? byPrincipal(headers.get("x-ms-client-principal")) : undefined;
      if (signedIn !== undefined)
        return { caller: signedIn, scopes: signedIn === operator ? scopes : tokenScopes };
      const sent = headers.get("api-key") ?? bearerOf(headers.get("authorization"));
      // Some clients write their scheme into the key's own header.
      const text = sent?.replace(/^Bearer(\s+|$)/i, "").trim() ?? "";
      return text === "" ? undefined : ((await byToken(text)) ?? byKey(text));
    },
  };
}

function bearerOf(authorization: string | null): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
}

function byPrincipal(header: string | null): string | undefined {
  if (header === null) return undefined;
  const parsed = principal.safeParse(parseJson(Buffer.from(header, "base64").toString("utf8")));
  if (!parsed.success) return undefined;
  const idempotencyKey = (types: string[]) =>
    parsed.data.claims.find(({ typ, val }) => types.includes(typ) && val !== "")?.val;
  const objectId = idempotencyKey(objectIdClaims);
  return objectId === undefined
    ? undefined
    : `entra:${idempotencyKey(tenantIdClaims) ?? "common"}:${objectId}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
