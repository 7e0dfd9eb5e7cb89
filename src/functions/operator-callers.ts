import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import {
  auditQuery,
  type CallerReply,
  callerName,
  callerRequest,
  keyRequest,
  type NewKeyReply,
} from "../contracts/operator.ts";
import { callerLimits, showCallerLimits, toCallerLimits } from "../contracts/caller-limits.ts";
import { checkShape } from "../contracts/check-shape.ts";
import { AppError } from "../domain/app-error.ts";
import { type CallerRecord, withKey, withoutKey } from "../domain/caller-registry.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { Price } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { CallerRegistry, SettingCaller } from "../ports/callers.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { readJsonBody } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";
import { requirePrices } from "../jobs/require-prices.ts";
import { readQuery } from "./jobs-list.ts";
import { operatorEndpoint, type OperatorDeps } from "./operator-endpoint.ts";

export interface CallerDeps extends OperatorDeps {
  registry: CallerRegistry;
  /** The callers of API_KEYS, which no operator can change. */
  settingCallers: readonly SettingCaller[];
  /** Whether settings name an operator. */
  hasSettingOperator: boolean;
  /** What a key is told apart by. */
  keyIdOf: (keyHash: string) => string;
  offers: readonly ResolvedDeployment[];
  prices: readonly Price[];
}

const maxBodyBytes = 4_096;
const defaultEntries = 20;
const named = z.object({ name: callerName });

export const operatorCallersList = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "callers-list",
    method: "GET",
    route: "callers",
    async handle() {
      const fromSettings = deps.settingCallers.map(({ name, keyId, scopes }): CallerReply => ({
        name,
        source: "settings",
        scopes: [...scopes],
        keys: [{ id: keyId }],
      }));
      const callers = [...fromSettings, ...(await deps.registry.list()).map(toReply)];
      return respondJson(200, { callers });
    },
  });

/** Adds a caller, which opens nothing until it has a key. Names are unique, over settings and table. */
export const operatorCallersPut = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "callers-put",
    method: "PUT",
    route: "callers/{name}",
    async handle({ request, params }) {
      const { name } = checkShape({ name: params["name"] }, named);
      const { scopes, expires_at: expiresAt } = await readJsonBody(request, callerRequest, maxBodyBytes);
      const createdAt = deps.clock.now().toISOString();
      const added = await deps.registry.change((all) => {
        if ([...all, ...deps.settingCallers].some((caller) => caller.name === name))
          throw new AppError("conflict", `There is a caller ${name} already.`);
        return { name, scopes: [...new Set(scopes)], createdAt, expiresAt, keys: [] };
      });
      return respondJson(201, toReply(added));
    },
  });

export const operatorLimitsPut = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "limits-put",
    method: "PUT",
    route: "callers/{name}/limits",
    async handle({ request, params }) {
      const { name } = checkShape({ name: params["name"] }, named);
      const limits = await readJsonBody(request, callerLimits, maxBodyBytes);
      requireInTable(deps, name, `${name} is a caller of API_KEYS; CALLER_LIMITS says what it may take.`);
      const { budget } = limits;
      if (budget) requirePrices(deps.prices, deps.offers, { param: "budget", currency: budget.currency });
      const changed = await deps.registry.change((all) => ({
        ...requireCaller(all, name),
        limits: toCallerLimits(limits),
      }));
      return respondJson(200, toReply(changed));
    },
  });

export const operatorKeysPost = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "keys-post",
    method: "POST",
    route: "callers/{name}/keys",
    async handle({ request, params }) {
      const { name } = checkShape({ name: params["name"] }, named);
      const { expires_at: expiresAt } = await readJsonBody(request, keyRequest, maxBodyBytes);
      requireInTable(deps, name);
      const key = `dk_${randomBytes(32).toString("base64url")}`;
      const hash = createHash("sha256").update(key).digest("hex");
      const id = deps.keyIdOf(hash);
      const createdAt = deps.clock.now().toISOString();
      await deps.registry.change((all) =>
        withKey(requireCaller(all, name), { id, hash, createdAt, expiresAt }),
      );
      const reply: NewKeyReply = withoutAbsent({ name, id, key, expires_at: expiresAt });
      return respondJson(201, reply);
    },
  });

export const operatorKeysDelete = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "keys-delete",
    method: "DELETE",
    route: "callers/{name}/keys/{key_id}",
    async handle({ params }) {
      const { name } = checkShape({ name: params["name"] }, named);
      requireInTable(deps, name);
      const now = deps.clock.now();
      const changed = await deps.registry.change((all) =>
        withoutKey(
          all,
          { name, keyId: params["key_id"] ?? "" },
          { now, hasOtherOperator: deps.hasSettingOperator },
        ),
      );
      return respondJson(200, toReply(changed));
    },
  });

export const operatorAuditList = (deps: CallerDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "audit-list",
    method: "GET",
    route: "audit",
    async handle({ request }) {
      const { limit = defaultEntries } = checkShape(readQuery(request), auditQuery, "query");
      const entries = await deps.audit.list(limit);
      return respondJson(200, {
        entries: entries.map(({ requestId, ...entry }) => ({ ...entry, request_id: requestId })),
      });
    },
  });

function requireCaller(all: readonly CallerRecord[], name: string): CallerRecord {
  const caller = all.find((one) => one.name === name);
  if (!caller) throw new AppError("notFound", `There is no caller ${name}.`);
  return caller;
}

function requireInTable(
  { settingCallers }: CallerDeps,
  name: string,
  refusal = `The keys of ${name} stand in the setting API_KEYS; change them there.`,
): void {
  if (settingCallers.some((caller) => caller.name === name)) throw new AppError("conflict", refusal);
}

function toReply({ name, scopes, createdAt, expiresAt, keys, limits }: CallerRecord): CallerReply {
  return withoutAbsent({
    name,
    source: "table" as const,
    scopes: [...scopes],
    created_at: createdAt,
    expires_at: expiresAt,
    limits: limits && showCallerLimits(limits),
    keys: keys.map((key) =>
      withoutAbsent({
        id: key.id,
        created_at: key.createdAt,
        expires_at: key.expiresAt,
        revoked_at: key.revokedAt,
      }),
    ),
  });
}
