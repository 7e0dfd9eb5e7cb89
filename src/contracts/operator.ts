import * as z from "zod";
import { jobStatuses } from "../domain/image-job.ts";
import { scopes } from "../domain/identity.ts";
import { serviceModes } from "../domain/service-mode.ts";
import { callerLimits } from "./caller-limits.ts";
import { job } from "./http-api.ts";
import { jobListQuery } from "./list-query.ts";

/** What operators ask and are answered. */

export const callerName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/,
    "a caller's name has 1 to 64 letters, digits or . _ -, the first a letter or digit",
  );

const expiresAt = z.iso
  .datetime()
  .optional()
  .meta({ description: "When it ends, in UTC. Without: never.", examples: ["2027-01-01T00:00:00Z"] });

export const callerRequest = z
  .strictObject({
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .max(scopes.length)
      .default(["generate", "edit", "read"])
      .meta({ description: "What its keys may do. `operator`: everything below /api/operator." }),
    expires_at: expiresAt,
  })
  .meta({ id: "CallerRequest", description: "Body of PUT /api/operator/callers/{name}." });

export const keyRequest = z
  .strictObject({ expires_at: expiresAt })
  .meta({ id: "KeyRequest", description: "Body of POST /api/operator/callers/{name}/keys." });

const callerKey = z
  .object({
    id: z.string().meta({ description: "Tells keys apart; opens nothing." }),
    created_at: z.iso.datetime().optional(),
    expires_at: z.iso.datetime().optional(),
    revoked_at: z.iso.datetime().optional(),
  })
  .meta({ id: "CallerKey" });

export const caller = z
  .object({
    name: z.string(),
    source: z.enum(["settings", "table"]).meta({ description: "`settings`: an entry of API_KEYS." }),
    scopes: z.array(z.enum(scopes)),
    created_at: z.iso.datetime().optional(),
    expires_at: z.iso.datetime().optional(),
    keys: z.array(callerKey),
    limits: callerLimits.optional().meta({ description: "What it was given here; else CALLER_LIMITS says." }),
  })
  .meta({ id: "Caller" });
export type CallerReply = z.infer<typeof caller>;

export const callerList = z.object({ callers: z.array(caller) }).meta({ id: "CallerList" });

export const newKey = z
  .object({ name: z.string(), id: z.string(), key: z.string(), expires_at: z.iso.datetime().optional() })
  .meta({ id: "NewKey", description: "A key, which is shown this once." });
export type NewKeyReply = z.infer<typeof newKey>;

export const operatorJobsQuery = jobListQuery.pick({ limit: true, cursor: true }).extend({
  status: z.enum(jobStatuses).optional(),
  caller: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: "Of this caller only, newest first; as `caller` of a job names it." }),
});

export const operatorJob = job
  .extend({ caller: z.string().meta({ description: "Whose it is.", examples: ["key:phone"] }) })
  .meta({ id: "OperatorJob" });
export type OperatorJob = z.infer<typeof operatorJob>;

export const operatorJobList = z
  .object({ jobs: z.array(operatorJob), next_cursor: z.string().optional() })
  .meta({ id: "OperatorJobList" });

export const serviceMode = z.enum(serviceModes).meta({
  description:
    "What becomes of new jobs: `open` takes them, `draining` refuses them with 503, `paused` records them and begins none.",
});
export const serviceReply = z.object({ mode: serviceMode }).meta({ id: "Service" });
export type ServiceReply = z.infer<typeof serviceReply>;

export const auditQuery = z.strictObject({
  limit: z.int().min(1).max(100).optional().meta({ description: "Most entries. Default 20." }),
});

export const auditList = z
  .object({
    entries: z.array(
      z.object({
        at: z.iso.datetime(),
        operator: z.string(),
        act: z.string(),
        target: z.string(),
        request_id: z.string(),
        outcome: z.string().optional().meta({ description: "Status, or the error's code; absent: cut off." }),
      }),
    ),
  })
  .meta({ id: "AuditList" });
