import { randomUUID } from "node:crypto";
import { type IssuedTokenReply, tokenRequest } from "../contracts/tokens.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { namesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { requireScope } from "../domain/identity.ts";
import { type Price, toMicros } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { AccessTokens } from "../ports/callers.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { readJsonBody } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";
import { requirePrices } from "../jobs/require-prices.ts";

interface Dependencies {
  clock: Clock;
  tokens: AccessTokens;
  offers: readonly ResolvedDeployment[];
  prices: readonly Price[];
}

const maxBodyBytes = 16_384;

/** Makes a token of a caller's key for one subject. The one who sends it sees that subject's jobs, and no other's. */
export const tokensPost = ({ clock, tokens, offers, prices }: Dependencies): Endpoint => ({
  name: "tokens-post",
  method: "POST",
  route: "api/tokens",
  access: "caller",
  scopes: ["generate", "edit", "read"],
  refusesTokens: true,
  async handle({ request, identity }) {
    const body = await readJsonBody(request, tokenRequest, maxBodyBytes);
    const { subject, expires_in, max_jobs, models, tags, max_spend } = body;
    checkModels(models, offers);
    const allowed = offers.filter((offer) => !models || models.includes(namesOf(offer).model));
    if (max_spend) requirePrices(prices, allowed, { param: "max_spend", currency: max_spend.currency });
    const maxSpend = max_spend && { ...max_spend, amount: toMicros(max_spend.amount) };
    const scopes = [...new Set(body.scopes)];
    // What a key may not do itself, its tokens may not either.
    if (identity) for (const scope of scopes) requireScope(identity, [scope]);
    if (identity?.keyId === undefined)
      throw new AppError("forbidden", "Tokens are made with a caller's key, not with a sign-in.");
    // Tokens tell time in whole seconds.
    const expiresAt = new Date((Math.floor(clock.now().getTime() / 1000) + expires_in) * 1000).toISOString();
    const limits = { maxJobs: max_jobs, models, tags, maxSpend };
    const grant = withoutAbsent({ id: randomUUID(), subject, expiresAt, ...limits });
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
      max_spend,
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
