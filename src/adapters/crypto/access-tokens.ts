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
});
const tokenScope = z.array(z.enum(tokenScopes));

/**
 * JSON Web Tokens, signed with a key that HKDF-SHA256 derives from the signing key for this purpose alone: whatever else that
 * signs is no token, and all instances agree.
 */
export function jwtAccessTokens(signingKey: string, clock: Clock): AccessTokens {
  const key = new Uint8Array(hkdfSync("sha256", signingKey, "", "darkroom access token", 32));

  return {
    async issue({ owner, keyId, scopes, grant: { id, subject, expiresAt, maxJobs, models, tags } }) {
      const { SignJWT } = await import("jose");
      const own = { owner, key_id: keyId, scope: scopes.join(" "), max_jobs: maxJobs, models, tags };
      return new SignJWT(withoutAbsent(own))
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
        const { jti, sub, exp, scope, owner, key_id, max_jobs, models, tags } = claims.parse(payload);
        const expiresAt = new Date(exp * 1000).toISOString();
        const grant = withoutAbsent({ id: jti, subject: sub, expiresAt, maxJobs: max_jobs, models, tags });
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
