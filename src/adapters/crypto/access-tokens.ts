import { hkdfSync } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../domain/app-error.ts";
import { tokenScopes } from "../../domain/identity.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { AccessTokens } from "../../ports/callers.ts";
import type { Clock } from "../../ports/clock.ts";

const issuer = "darkroom";
const algorithm = "HS256";
/** Three parts in base64url: RFC 7519's compact form, which no key of ours has. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const claims = z.object({
  jti: z.string(),
  sub: z.string(),
  exp: z.number(),
  // Space-separated, as RFC 8693 (4.2) has it.
  scope: z.string(),
  owner: z.string(),
  key_id: z.string(),
  max_jobs: z.number(),
  models: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  max_spend: z.object({ amount: z.number(), currency: z.string() }).optional(),
});
const tokenScope = z.array(z.enum(tokenScopes));

/**
 * JSON Web Tokens, signed with a key that HKDF-SHA256 derives from the signing key for this purpose alone: whatever else that
 * signs is no token, and all instances agree.
 */
export function jwtAccessTokens(signingKey: string, clock: Clock): AccessTokens {
  const key = new Uint8Array(hkdfSync("sha256", signingKey, "", "darkroom access token", 32));

  return {
    async issue({ owner, keyId, scopes, grant }) {
      const { id, subject, expiresAt, maxJobs, models, tags, maxSpend } = grant;
      const { SignJWT } = await import("jose");
      const limits = withoutAbsent({ max_jobs: maxJobs, models, tags, max_spend: maxSpend });
      return new SignJWT({ owner, key_id: keyId, scope: scopes.join(" "), ...limits })
        .setProtectedHeader({ alg: algorithm, typ: "at+jwt" })
        .setIssuer(issuer)
        .setSubject(subject)
        .setJti(id)
        .setIssuedAt(clock.now())
        .setExpirationTime(new Date(expiresAt))
        .sign(key);
    },

    async read(text) {
      if (!compactForm.test(text)) return undefined;
      const { errors, jwtVerify } = await import("jose");
      try {
        const { payload } = await jwtVerify(text, key, {
          algorithms: [algorithm],
          issuer,
          currentDate: clock.now(),
        });
        const { jti, sub, exp, scope, owner, key_id, max_jobs, models, tags, max_spend } =
          claims.parse(payload);
        const grant = withoutAbsent({
          id: jti,
          subject: sub,
          expiresAt: new Date(exp * 1000).toISOString(),
          maxJobs: max_jobs,
          models,
          tags,
          maxSpend: max_spend,
        });
        return { owner, keyId: key_id, scopes: tokenScope.parse(scope.split(" ")), grant };
      } catch (error) {
        if (error instanceof errors.JWTExpired)
          throw new AppError("unauthorized", `This token has expired; ask for another.`, { cause: error });
        // Not ours, changed, or signed with a signing key that was replaced.
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
