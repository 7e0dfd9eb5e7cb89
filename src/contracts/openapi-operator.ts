import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { callerLimits } from "./caller-limits.ts";
import { accepting, failing, jobId, json } from "./openapi-parts.ts";
import {
  auditList,
  auditQuery,
  caller,
  callerList,
  callerName,
  callerRequest,
  keyRequest,
  newKey,
  operatorJob,
  operatorJobList,
  operatorJobsQuery,
  serviceMode,
  serviceReply,
} from "./operator.ts";

import { operatorUsageQuery, operatorUsageReport } from "./usage.ts";

const named = z.object({ name: callerName });
const ofJob = z.object({ id: jobId });
const retried = { ...accepting.responses, ...failing("400", "401", "404", "409", "410") };

function operation(
  operationId: string,
  summary: string,
  rest: Omit<ZodOpenApiOperationObject, "operationId" | "summary">,
): ZodOpenApiOperationObject {
  return { operationId, summary, ...rest };
}

/** The paths of operators (scope `operator`), and the retry of one's own job. */
export const operatorPaths: ZodOpenApiPathsObject = {
  "/api/jobs/{id}/retry": {
    post: operation("retryJob", "Retry a failed job", {
      description:
        "Another job that asks for the same, with the same inputs. Asked again within 24 hours, it is the same other job. One that content policy refused is not retried.",
      requestParams: { path: ofJob },
      responses: retried,
    }),
  },
  "/api/operator/jobs": {
    get: operation("listAllJobs", "List jobs of all callers", {
      description: "Caller by caller, each one's newest first; of one caller with `caller`.",
      requestParams: { query: operatorJobsQuery },
      responses: {
        "200": { description: "One page.", content: json(operatorJobList) },
        ...failing("400", "401"),
      },
    }),
  },
  "/api/operator/jobs/{id}": {
    get: operation("getAnyJob", "Read anybody's job", {
      requestParams: { path: ofJob },
      responses: { "200": { description: "The job.", content: json(operatorJob) }, ...failing("401", "404") },
    }),
  },
  "/api/operator/jobs/{id}/cancel": {
    post: operation("cancelAnyJob", "Cancel anybody's job", {
      requestParams: { path: ofJob },
      responses: {
        "200": { description: "The job, canceled now or before.", content: json(operatorJob) },
        ...failing("401", "404", "409"),
      },
    }),
  },
  "/api/operator/jobs/{id}/retry": {
    post: operation("retryAnyJob", "Retry anybody's failed job", {
      description: "The other job is the same caller's.",
      requestParams: { path: ofJob },
      responses: retried,
    }),
  },
  "/api/operator/usage": {
    get: operation("getAllUsage", "What all callers have used and spent", {
      requestParams: { query: operatorUsageQuery },
      responses: {
        "200": { description: "By day and caller.", content: json(operatorUsageReport) },
        ...failing("400", "401"),
      },
    }),
  },
  "/api/operator/callers": {
    get: operation("listCallers", "List callers and their keys", {
      responses: { "200": { description: "All of them.", content: json(callerList) }, ...failing("401") },
    }),
  },
  "/api/operator/callers/{name}": {
    put: operation("addCaller", "Add a caller", {
      requestParams: { path: named },
      requestBody: { required: true, content: json(callerRequest) },
      responses: {
        "201": { description: "The caller, without a key yet.", content: json(caller) },
        ...failing("400", "401", "409", "413", "415"),
      },
    }),
  },
  "/api/operator/callers/{name}/limits": {
    put: operation("setCallerLimits", "Say what a caller may take", {
      description:
        "In place of what it had, on every instance five seconds later. Of a caller of the setting API_KEYS, CALLER_LIMITS says it.",
      requestParams: { path: named },
      requestBody: { required: true, content: json(callerLimits) },
      responses: {
        "200": { description: "The caller as it is now.", content: json(caller) },
        ...failing("400", "401", "404", "409", "413", "415"),
      },
    }),
  },
  "/api/operator/callers/{name}/keys": {
    post: operation("addKey", "Add a key of a caller", {
      requestParams: { path: named },
      requestBody: { required: true, content: json(keyRequest) },
      responses: {
        "201": { description: "The key; it opens within a second.", content: json(newKey) },
        ...failing("400", "401", "404", "409", "413", "415"),
      },
    }),
  },
  "/api/operator/callers/{name}/keys/{key_id}": {
    delete: operation("revokeKey", "Revoke a key", {
      description: "No instance takes it ten seconds later, nor tokens that were made with it.",
      requestParams: { path: named.extend({ key_id: z.string() }) },
      responses: {
        "200": { description: "The caller as it is now.", content: json(caller) },
        ...failing("401", "404", "409"),
      },
    }),
  },
  "/api/operator/service": {
    get: operation("getService", "Whether new jobs are taken", {
      responses: { "200": { description: "As it is now.", content: json(serviceReply) }, ...failing("401") },
    }),
  },
  "/api/operator/service/{mode}": {
    put: operation("setService", "Pause, drain or open", {
      description: "On all instances within seconds. Jobs that have begun go on, whatever the mode.",
      requestParams: { path: z.object({ mode: serviceMode }) },
      responses: {
        "200": { description: "As it is now.", content: json(serviceReply) },
        ...failing("400", "401"),
      },
    }),
  },
  "/api/operator/audit": {
    get: operation("listAudit", "What operators did", {
      requestParams: { query: auditQuery },
      responses: {
        "200": { description: "The last acts, newest first.", content: json(auditList) },
        ...failing("400", "401"),
      },
    }),
  },
};
