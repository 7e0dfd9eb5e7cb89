import { isEnded, type ErrorBody, type Job } from "../api/types.ts";
import { wanted } from "./live-job.ts";
import { asked } from "./slots.ts";

/** What an error means and what can be done, for people; the server's own words are shown beside it. */
const meanings: Record<ErrorBody["code"], string> & Record<string, string> = {
  invalidRequest: "Something in the request doesn't fit. Change it and send it again.",
  contentFilter: "Refused by the service's content policy. Asking again ends the same: change the words.",
  unauthorized: "The key was not accepted.",
  forbidden: "Your key or token may not do this.",
  notFound: "It isn't there, or no longer.",
  conflict: "Something changed meanwhile. Look at the job again.",
  expired: "It was kept for a while and is gone now.",
  tooLarge: "A file is too large.",
  unsupportedMedia: "A file is of a kind that can't be read here.",
  throttled: "The service had no capacity left. Try again in a while.",
  budgetExceeded: "Your budget is used up. It says when it renews.",
  deadlineExceeded: "It took too long and was given up. Trying again may help.",
  accountBlocked: "The service has blocked the account. Its operator has to act.",
  upstreamRejected: "The service rejected the request. Trying again will not help.",
  upstreamUnavailable: "The service was not there. Trying again may help.",
  internal: "Something failed on our side. Trying again may help.",
  idempotencyMismatch: "This was sent before with other contents. Send it once more.",
};

export function meaningOf(code: string | undefined): string {
  return meanings[code ?? ""] ?? "It did not work.";
}

const statusWords: Record<Job["status"], string> = {
  queued: "Waiting",
  running: "Developing",
  succeeded: "Done",
  failed: "Failed",
  canceled: "Canceled",
};

export function statusWord({ status, waiting, error, failures }: Job): string {
  // It has begun, and none of its calls is on its way.
  if (status === "running" && waiting) return statusWords.queued;
  if (status === "failed" && error?.code === "contentFilter") return "Refused";
  if (status === "succeeded" && failures.length > 0) return "Done in part";
  return statusWords[status];
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** One sentence on where a job stands, also read aloud. */
export function describeStatus(job: Job, total: number): string {
  const made = job.images.length;
  const refused = job.failures.filter(({ code }) => code === "contentFilter").length;
  const failed = job.failures.length - refused;
  const parts = [
    `${made} of ${count(total, "image")}`,
    ...(refused ? [`${refused} refused`] : []),
    ...(failed ? [`${failed} failed`] : []),
  ];
  return `${statusWord(job)}: ${parts.join(", ")}${isEnded(job) ? "." : " so far."}`;
}

/** Why a job has fewer pictures than were wanted, in a sentence; empty while there is nothing to explain. */
export function reasonOf(job: Job, total: number): string {
  const { status, failures, images, error } = job;
  if (status === "canceled")
    return images.length === 0
      ? "Canceled before it was made."
      : `Canceled after ${images.length} of ${total}.`;
  if (status === "failed") return meaningOf(error?.code ?? failures[0]?.code);
  if (status !== "succeeded" || failures.length === 0) return "";
  const refused = failures.filter(({ code }) => code === "contentFilter").length;
  const failed = failures.length - refused;
  const parts = [
    ...(refused ? [`${refused === 1 ? "one was" : `${refused} were`} refused`] : []),
    ...(failed ? [`${failed === 1 ? "one" : failed} failed`] : []),
  ];
  return `${images.length} of ${total}: ${parts.join(", ")}.`;
}

/** When an open job will start, or else end, and why not sooner; empty where the server tells of nothing. */
export function outlookOf(job: Job, now: number): string {
  if (isEnded(job)) return "";
  const end = job.estimated_end;
  // An estimate that has passed was wrong, and says nothing about what is left.
  const left = end !== undefined && Date.parse(end) > now ? soon(end, now) : undefined;
  if (!job.waiting) return left === undefined ? "" : `Done in ${left}.`;
  return [waitingOf(job.waiting, now), ...(left === undefined ? [] : [`Done in ${left}.`])].join(" ");
}

function waitingOf(waiting: NonNullable<Job["waiting"]>, now: number): string {
  const start = soon(waiting.until, now);
  const time = timeOfDay.format(new Date(waiting.until));
  switch (waiting.reason) {
    case "quota":
      return waiting.position > 0
        ? `Starts in ${start}: ${waiting.position} ahead of it.`
        : `Waits for quota, tries again at ${time}.`;
    case "throttled":
      return `The service has no capacity left, asked again at ${time}.`;
    case "service":
      return `The service is away, asked again in ${start}.`;
  }
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function soon(iso: string, now: number): string {
  const seconds = Math.max(1, Math.round((Date.parse(iso) - now) / 1000));
  return seconds < 100 ? `about ${seconds} s` : `about ${Math.round(seconds / 60)} min`;
}

/** What a job costs, by the prices that are configured: what it came to, or is expected to; empty where there are none. */
export function costOf({ cost }: Job): string {
  const amount = cost?.actual ?? cost?.estimated;
  if (!cost || amount === undefined) return "";
  return `${cost.actual === undefined ? "about " : ""}${money(amount, cost.currency)}`;
}

/** Of a cent's parts, as many as count: single images cost a few of them. */
export function money(amount: number, currency: string): string {
  const maximumFractionDigits = amount < 0.1 ? 4 : 2;
  return amount.toLocaleString(undefined, { style: "currency", currency, maximumFractionDigits });
}

/** Whether the same request may end better another time. */
export function mayHelpToRepeat({ status, error, failures }: Job): boolean {
  if (status !== "failed") return status === "canceled";
  return error?.retryable ?? failures.some(({ retryable }) => retryable);
}

/** The same, said aloud: with the prompt's first words, as several jobs may be under way. */
export function announce(job: Job): string {
  return `${describeStatus(job, wanted(job))} ${asked(job, "prompt").slice(0, 40)}`.trim();
}

/** Which field of the form an error names: `images[0].url` is about images. */
export function fieldOf(param: string): string {
  return /^[a-z_]+/.exec(param)?.[0] ?? param;
}

/** What the envelope says about each field, and what it says about none of them. */
export function errorsByField(
  error: Partial<ErrorBody>,
  fields: readonly string[],
): { fields: Record<string, string>; rest: string } {
  const rules =
    error.details ??
    (error.param === undefined ? [] : [{ param: error.param, message: error.message ?? "" }]);
  const known = rules.filter(({ param }) => fields.includes(fieldOf(param)));
  return {
    fields: Object.fromEntries(known.map(({ param, message }) => [fieldOf(param), message])),
    rest: known.length === rules.length && known.length > 0 ? "" : (error.message ?? "It did not work."),
  };
}
