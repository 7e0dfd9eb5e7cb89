import { randomUUID } from "node:crypto";
import { type IssuedTokenReply, tokenRequest } from "../contracts/tokens.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { namesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { requireScope } from "../domain/identity.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { AccessTokens } from "../ports/callers.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { readJsonBody } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";

interface Dependencies {
  clock: Clock;
  tokens: AccessTokens;
  offers: readonly ResolvedDeployment[];
}

const maxBodyBytes = 16_384;

/** Makes a token of a caller's key for one subject. The one who sends it sees that subject's jobs, and no other's. */
export const tokensPost = ({ clock, tokens, offers }: Dependencies): Endpoint => ({
  name: "tokens-post",
  method: "POST",
  route: "api/tokens",
  access: "caller",
  scopes: ["generate", "edit", "read"],
  refusesTokens: true,
  async handle({ request, identity }) {
    const body = await readJsonBody(request, tokenRequest, maxBodyBytes);
    const { subject, expires_in, max_jobs, models, tags } = body;
    checkModels(models, offers);
    const scopes = [...new Set(body.scopes)];
    // What a key may not do itself, its tokens may not either.
    if (identity) for (const scope of scopes) requireScope(identity, [scope]);
    if (identity?.keyId === undefined)
      throw new AppError("forbidden", "Tokens are made with a caller's key, not with a sign-in.");
    // Tokens tell time in whole seconds.
    const expiresAt = new Date((Math.floor(clock.now().getTime() / 1000) + expires_in) * 1000).toISOString();
    const grant = withoutAbsent({ id: randomUUID(), subject, expiresAt, maxJobs: max_jobs, models, tags });
    const token = await tokens.issue({ owner: identity.caller, keyId: identity.keyId, scopes, grant });
    const reply: IssuedTokenReply = withoutAbsent({
      token,
      id: grant.id,
      subject,
      scopes,
      expires_at: expiresAt,
      max_jobs,
      models,
      tags,
    });
    return respondJson(201, reply);
  },
});

/** A name that isn't deployed would make a token that nobody can use. Throws `invalidRequest`. */
function checkModels(models: readonly string[] | undefined, offers: readonly ResolvedDeployment[]): void {
  const allowed = [...new Set(offers.map((offer) => namesOf(offer).model))];
  const unknown = (models ?? []).findIndex((model) => !allowed.includes(model));
  if (unknown < 0) return;
  const message = `models.${unknown} is not one that is deployed here: ${allowed.join(", ")}.`;
  throw invalidRequest([{ param: `models.${unknown}`, message, allowed }]);
}
