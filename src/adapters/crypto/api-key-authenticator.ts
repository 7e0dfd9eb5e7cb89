import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Authenticator } from "../../ports/callers.ts";

interface AuthenticatorSettings {
  /** Caller id to the SHA-256 of the caller's key, in hex. */
  apiKeys: ReadonlyMap<string, string>;
  /** True only when the platform itself says that it checks sign-ins: anyone can send the header otherwise. */
  trustsEntraHeader: boolean;
}

const principal = z.looseObject({ claims: z.array(z.looseObject({ typ: z.string(), val: z.string() })) });
const objectIdClaims = ["http://schemas.microsoft.com/identity/claims/objectidentifier", "oid"];
const tenantIdClaims = ["http://schemas.microsoft.com/identity/claims/tenantid", "tid"];

/** The caller that an entry of API_KEYS names. */
export function callerByKey(name: string): string {
  return `key:${name}`;
}

/** The caller that a setting names: by an entry of API_KEYS, or as what the authenticator makes of a sign-in. */
export function callerNamed(name: string): string {
  return name.startsWith("entra:") ? name : callerByKey(name);
}

/** Tells who is calling, by API key or by a sign-in that App Service has checked. */
export function apiKeyAuthenticator({ apiKeys, trustsEntraHeader }: AuthenticatorSettings): Authenticator {
  const known = [...apiKeys].map(([caller, hex]) => ({ caller, hash: Buffer.from(hex, "hex") }));

  function byKey(text: string): string | undefined {
    // Some clients write their scheme into the key's own header.
    const key = text.replace(/^Bearer(\s+|$)/i, "").trim();
    if (key === "") return undefined;
    const hash = createHash("sha256").update(key).digest();
    // Every key is compared, whether or not one has matched: how long it takes tells nothing.
    const matches = known.filter((candidate) => timingSafeEqual(candidate.hash, hash));
    return matches[0] && callerByKey(matches[0].caller);
  }

  return {
    identify(headers) {
      const signedIn = trustsEntraHeader ? byPrincipal(headers.get("x-ms-client-principal")) : undefined;
      if (signedIn !== undefined) return signedIn;
      const key = headers.get("api-key") ?? bearerOf(headers.get("authorization"));
      return key === undefined ? undefined : byKey(key);
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
