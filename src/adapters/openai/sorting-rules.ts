import { errorInfo, type ErrorInfo, UpstreamError } from "../../domain/app-error.ts";
import { patience } from "../../domain/upstream-outcome.ts";
import type { UpstreamReply } from "../../ports/image-model.ts";
import { isRefusedByName, isRefusedByWords, refusal } from "./refusal.ts";
import type { ErrorBody } from "./error-body.ts";

export type Settled = Exclude<UpstreamReply, { kind: "images" }>;

/** An error as the rules see it. */
export interface Answer extends ErrorBody {
  /** 0 when no wait was named. */
  waitMs: number;
  /** The service's own words, fit to be shown; empty when there are none. */
  reason: string;
  /** On Azure a model is a deployment, and one that isn't known may be minutes old. */
  isAzure: boolean;
}

interface Rule {
  fits(answer: Answer): boolean;
  /** The end of the call, or an error that is thrown: the same request, sent again at once, may be answered. */
  end(answer: Answer): Settled | UpstreamError;
}

const says = ({ sentences }: Answer, ...patterns: RegExp[]) =>
  sentences.some((text) => patterns.every((pattern) => pattern.test(text)));
const isNamed = ({ names }: Answer, ...wanted: string[]) => names.some((name) => wanted.includes(name));
const within = ({ status }: Answer, ...wanted: (number | undefined)[]) => wanted.includes(status);

// Azure/azure-search-openai-demo #1157, continuedev/continue #12547, Azure-Samples/azure-sql-db-chatbot #3.
const networkWords =
  /virtual network|firewall|private endpoint|public (network )?access|network security perimeter|traffic is not from/i;
// pollinations/pollinations #9319: the block of a resource speaks of the content policy as well.
const blockedWords =
  /\b(resource|account|subscription|organi[sz]ation|tenant)\b.{0,40}\b(blocked|suspended|deactivated|disabled|terminated)\b|account is in good standing/i;
// microsoft/semantic-kernel #10020 (as a 401), Azure-Samples/azure-search-openai-demo #290.
const roleWords = /does not have access to api\/operation|lacks the required data action/i;
const absentWords =
  /\bdeployment\b.{0,80}\b((does|did) not exist|doesn't exist|(was|is|be) not found|not be found)/i;

// These may come from a gateway that lost sight of a call which went on behind it. 520 and 524 are Cloudflare's.
const unclearStatuses = [408, 500, 502, 504, 520, 524];

/** What the image service says, sorted: the first rule that fits decides. Order matters where words overlap. */
const rules: readonly Rule[] = [
  {
    fits: (answer) =>
      isNamed(answer, "accountdeactivated", "accountsuspended") ||
      answer.sentences.some((text) => blockedWords.test(text) && !networkWords.test(text)),
    end: accountBlocked,
  },
  {
    fits: (answer) =>
      !answer.isPage &&
      within(answer, 400, 401, 403, undefined) &&
      (says(
        answer,
        networkWords,
        /denied|disabled|blocked|not allowed|not from|configured for this resource/i,
      ) ||
        (answer.status === 403 && isNamed(answer, "accessdenied"))),
    end: ({ status }) =>
      keptOut(
        `The service's network rules keep Darkroom out${code(status)}: its operator must let this app's network in, by the resource's firewall, virtual network or private endpoint.`,
      ),
  },
  {
    fits: (answer) =>
      says(answer, roleWords) || (within(answer, 401, 403) && isNamed(answer, "permissiondenied")),
    end: ({ status, waitMs }) =>
      unavailable(
        `Darkroom's identity has no role that lets it make images${code(status)}. Its operator must give it "Cognitive Services OpenAI User" on the resource; a new role takes some minutes to arrive.`,
        { waitMs, patienceMs: patience.roleMs },
      ),
  },
  { fits: isRefusedByName, end: (answer) => ({ kind: "refused", failure: refusal(answer) }) },
  {
    fits: ({ status, names }) =>
      status === 402 || names.some((name) => name === "insufficientquota" || name.startsWith("billing")),
    end: accountBlocked,
  },
  {
    fits: (answer) =>
      answer.status === 429 ||
      (answer.status === 503 && answer.waitMs > 0) ||
      isNamed(answer, "429", "ratelimitexceeded", "toomanyrequests"),
    end: ({ waitMs }) => ({ kind: "throttled", retryAfterMs: waitMs }),
  },
  { fits: isRefusedByWords, end: (answer) => ({ kind: "refused", failure: refusal(answer) }) },
  {
    fits: ({ status, isPage }) => status === 403 && isPage,
    end: () =>
      keptOut(
        "A gateway in front of the service refused the call (403): its operator must let Darkroom through.",
      ),
  },
  { fits: ({ status }) => status === 403, end: accountBlocked },
  {
    fits: (answer) =>
      isNamed(answer, "deploymentnotfound") ||
      (within(answer, 400, 404, undefined) && says(answer, absentWords)) ||
      (answer.isAzure && answer.status === 404 && isNamed(answer, "modelnotfound")),
    end: ({ waitMs }) =>
      unavailable(
        "The service has no deployment of the configured name (404 DeploymentNotFound). One that was made minutes ago appears by itself.",
        { waitMs, patienceMs: patience.deploymentMs },
      ),
  },
  {
    // Nothing was begun, or something that the service itself depends on wasn't there (424).
    fits: ({ status }) => status === 503 || status === 424,
    end: (answer) => unavailable(`The service answered ${answered(answer)}.`, { waitMs: answer.waitMs }),
  },
  {
    fits: ({ status, waitMs }) => isUnclear(status) && waitMs > 0,
    end: (answer) =>
      unavailable(`The service answered ${answered(answer)}.`, { waitMs: answer.waitMs, mayBeBilled: true }),
  },
  {
    fits: ({ status }) => status === 401,
    end: () =>
      new UpstreamError("the service did not accept Darkroom's credentials (401)", { mayBeBilled: false }),
  },
  {
    fits: ({ status }) => status === undefined || status >= 500 || status === 408 || status === 409,
    end: (answer) =>
      new UpstreamError(`the service answered ${answered(answer)}`, {
        mayBeBilled: answer.status === undefined || isUnclear(answer.status),
      }),
  },
  {
    fits: () => true,
    end: ({ status, reason }) => ({
      kind: "rejected",
      failure: errorInfo(
        "upstreamRejected",
        `The service rejected the request${code(status)}: ${reason || "no reason given"}`,
      ),
    }),
  },
];

/** Sorts an error that the service told. Throws an UpstreamError for what a retry may cure. */
export function sortAnswer(answer: Answer): Settled {
  const end = rules.find((rule) => rule.fits(answer))?.end(answer);
  if (end === undefined || end instanceof UpstreamError) throw end ?? new Error("no rule fits");
  return end;
}

function isUnclear(status: number | undefined): boolean {
  return status !== undefined && unclearStatuses.includes(status);
}

function code(status: number | undefined): string {
  return status === undefined ? "" : ` (${status})`;
}

function answered({ status, reason }: Answer): string {
  return [status ?? "with an error", reason].filter((part) => part !== "").join(": ");
}

/** A block of the whole account or resource: it hits every prompt, so no other call of the job is worth sending. */
function accountBlocked({ status }: Answer): Settled {
  const message = `The service refuses this whole account or resource${code(status)}, whatever the prompt is. Its operator must act.`;
  return { kind: "accountBlocked", failure: errorInfo("accountBlocked", message) };
}

/** No verdict on the account: the same job may succeed once somebody has opened the way, and not before. */
function keptOut(message: string): Settled {
  return { kind: "rejected", failure: errorInfo("upstreamUnavailable", message) };
}

function unavailable(
  message: string,
  { waitMs, mayBeBilled = false, patienceMs }: { waitMs: number; mayBeBilled?: boolean; patienceMs?: number },
): Settled {
  const failure: ErrorInfo = errorInfo("upstreamUnavailable", message);
  const waited = { kind: "unavailable", failure, retryAfterMs: waitMs, mayBeBilled } as const;
  return patienceMs === undefined ? waited : { ...waited, patienceMs };
}
