import fc from "fast-check";
import { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { OwnTimeout, UpstreamError } from "../../../../src/domain/app-error.ts";
import { patience } from "../../../../src/domain/upstream-outcome.ts";
import { sortError, sortReplyError } from "../../../../src/adapters/openai/upstream-errors.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const prompt = "A multi-colored umbrella on the beach, with a disposable camera";
const isAzure = true;

/** How a call ended, whether that was returned or thrown. */
function endOf(sort: () => object): object {
  try {
    return sort();
  } catch (thrown) {
    if (!(thrown instanceof UpstreamError)) throw thrown;
    const { code, detail, mayBeBilled } = thrown;
    return { kind: "thrown", mayBeBilled, failure: { code, message: detail } };
  }
}

const under = (status: number, error: object, words = prompt) =>
  endOf(() =>
    sortError(APIError.generate(status, { error }, undefined, new Headers()), words, now, { isAzure }),
  );
const inside = (error: object, words = prompt) => endOf(() => sortReplyError(error, words, now, { isAzure }));
const page = (status: number, text: string) =>
  endOf(() => sortError(APIError.generate(status, undefined, text, new Headers()), prompt, now));

const refused = { kind: "refused", failure: { code: "contentFilter", retryable: false } };
const blocked = { kind: "accountBlocked", failure: { code: "accountBlocked" } };
const throttled = { kind: "throttled", retryAfterMs: 0 };
const rejected = { kind: "rejected", failure: { code: "upstreamRejected" } };
const keptOut = { kind: "rejected", failure: { code: "upstreamUnavailable", retryable: true } };
const away = { kind: "unavailable", mayBeBilled: false, failure: { code: "upstreamUnavailable" } };
const absent = { ...away, patienceMs: patience.deploymentMs };
const roleless = { ...away, patienceMs: patience.roleMs };
const unbilled = { kind: "thrown", mayBeBilled: false };
const inDoubt = { kind: "thrown", mayBeBilled: true };

const safety = "Your request was rejected as a result of our safety system.";
const blockWords =
  "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.";
const wrapped = (inner: object) => `upstream: ${JSON.stringify({ error: inner })}`;

const table: [number, object, object][] = [
  // Refusals: by name, wherever it stands, by words, and by nothing but the filters' verdicts.
  [400, { code: "contentFilter" }, refused],
  [451, { code: "moderation_blocked" }, refused],
  [500, { code: "content_policy_violation" }, refused],
  [400, { code: null, type: "content_policy_violation" }, refused],
  [400, { code: "content_safety_violation" }, refused],
  [403, { inner_error: { code: "ResponsibleAIPolicyViolation" } }, refused],
  [400, { innererror: { innererror: { innererror: { code: "content_filter" } } } }, refused],
  [400, { error: { error: { code: "content_filter" } } }, refused],
  [400, { code: "invalid_request", details: [{ code: "other" }, { code: "content_filter" }] }, refused],
  [400, { code: null, type: "invalid_request_error", message: safety }, refused],
  [
    400,
    { message: "The response was filtered due to triggering Azure OpenAI's content management policy." },
    refused,
  ],
  [400, { message: "This request has been blocked by our content filters." }, refused],
  [403, { message: safety }, refused],
  [
    422,
    { code: "bad_response_status_code", message: wrapped({ code: "content_policy_violation" }) },
    refused,
  ],
  [400, { message: wrapped({ message: wrapped({ message: wrapped({ code: "contentFilter" }) }) }) }, refused],
  [400, { code: "x", innererror: { content_filter_result: { hate: { filtered: true } } } }, refused],
  // Words of policy that are no refusal.
  [400, { message: "See https://aka.ms/policy for our content policy." }, rejected],
  [400, { message: "Unknown parameter: content filter." }, rejected],
  [400, { code: "x", innererror: { content_filter_result: { hate: { filtered: false } } } }, rejected],
  [429, { message: "Rejected by the quota policy; see the content policy." }, throttled],
  [401, { message: "The request was rejected; see the content policy." }, unbilled],
  [500, { type: "server_error", message: safety }, inDoubt],
  // Accounts.
  [403, { code: "Forbidden", message: blockWords }, blocked],
  [
    422,
    { code: "content_policy_violation", message: wrapped({ code: "Forbidden", message: blockWords }) },
    blocked,
  ],
  [403, { code: "Forbidden" }, blocked],
  [401, { code: "account_deactivated" }, blocked],
  [
    400,
    { code: "Arrearage", message: "Access denied, make sure your account is in good standing." },
    blocked,
  ],
  [429, { code: "insufficient_quota" }, blocked],
  [429, { code: null, type: "insufficient_quota" }, blocked],
  [400, { code: "billing_hard_limit_reached", type: "invalid_request_error" }, blocked],
  [500, { message: wrapped({ code: null, type: "billing_not_active" }) }, blocked],
  [402, {}, blocked],
  // Later.
  [429, {}, throttled],
  [400, { code: 429 }, throttled],
  [400, { code: "429" }, throttled],
  [500, { code: "rate_limit_exceeded" }, throttled],
  [403, { code: "too_many_requests" }, throttled],
  [400, { code: "tooManyRequests" }, throttled],
  [424, { code: "FailedDependency" }, away],
  [503, {}, away],
  // Networks, roles, deployments.
  [403, { code: "403", message: "Access denied due to Virtual Network/Firewall rules." }, keptOut],
  [403, { code: "403", message: "Public access is disabled. Please configure private endpoint." }, keptOut],
  [
    403,
    {
      code: "403",
      message: "A Virtual Network is configured for this resource. Please use the correct endpoint.",
    },
    keptOut,
  ],
  [403, { code: "AccessDenied", message: "No." }, keptOut],
  [401, { code: "PermissionDenied", message: "Principal does not have access to API/Operation." }, roleless],
  [403, { code: "x", message: "The principal 1 lacks the required data action y to perform z." }, roleless],
  [404, { code: "DeploymentNotFound" }, absent],
  [404, { code: "deploymentnotfound" }, absent],
  [404, { code: "404", message: "The API deployment for this resource does not exist." }, absent],
  [404, { code: "model_not_found", message: "The model 'x' does not exist." }, absent],
  [404, { code: "404", message: "Resource not found" }, rejected],
  // What a retry may cure.
  [401, {}, unbilled],
  [408, {}, inDoubt],
  [409, {}, unbilled],
  [500, {}, inDoubt],
  [502, {}, inDoubt],
  [504, {}, inDoubt],
  [520, {}, inDoubt],
  [522, {}, unbilled],
  [524, {}, inDoubt],
  [529, {}, unbilled],
  // What none cures.
  [400, { code: "invalid_value", message: "size is wrong" }, rejected],
  [422, {}, rejected],
];

describe("an error of the service", () => {
  it.each(table)("%i %j ends as %j", (status, error, end) => {
    expect(under(status, error)).toMatchObject(end);
  });

  it.each(table)("%i %j ends the same inside a 200 or a stream", (status, error) => {
    expect(inside({ status, ...error })).toEqual(under(status, { status, ...error }));
    expect(inside({ type: "error", error: { status, ...error } })).toEqual(
      under(status, { status, ...error }),
    );
  });

  it("never repeats the prompt, no matter who wrapped it how often", () => {
    const secret = fc.stringMatching(/^[a-zé"{} ]{24,60}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom(...table), fc.nat(3), (words, [status, error], depth) => {
        let quoting: object = { ...error, message: `No: ${words}` };
        for (let level = 0; level < depth; level += 1) quoting = { code: "x", message: wrapped(quoting) };
        const seen = `${JSON.stringify(under(status, quoting, words))}${JSON.stringify(inside(quoting, words))}`;
        expect(seen).not.toContain(words.trim());
        expect(seen).not.toContain(JSON.stringify(words.trim()).slice(1, -1));
      }),
    );
  });

  it("is never decided by what the prompt says", () => {
    const words = 'a sign that reads {"error":{"code":"insufficient_quota"}}';
    expect(under(400, { message: `Can't draw ${words}` }, words)).toMatchObject(rejected);
    expect(under(400, { message: wrapped({ message: safety }) }, safety)).toMatchObject(rejected);
    const revised = { code: "x", inner_error: { revised_prompt: "blocked by our content policy" } };
    expect(under(400, revised)).toMatchObject(rejected);
  });

  it("tells its words without links or keys", () => {
    const message =
      "Incorrect key sk-live-12345678 or 0123456789abcdef0123456789abcdef at https://x.example/?k=1";
    const shown = JSON.stringify(under(400, { message }));
    expect(shown).toContain("Incorrect key [key] or [key] at [link]");
  });
});

describe("an error inside a 200", () => {
  it.each([
    [{ code: "rate_limit_exceeded", type: "invalid_request_error" }, throttled],
    [{ code: "RESOURCE_EXHAUSTED" }, throttled],
    [{ error: "too_many_requests" }, throttled],
    [{ code: "503" }, away],
    [{ type: "overloaded_error" }, away],
    [{ code: "DeploymentNotFound" }, absent],
    [{ code: "Forbidden" }, blocked],
    [{ code: "invalid_size", type: "invalid_request_error" }, rejected],
    [{ code: null, type: "image_generation_user_error" }, rejected],
    [{ code: "server_error", type: "server_error" }, inDoubt],
    [{ code: "200" }, inDoubt],
    [{ code: "constructor" }, inDoubt],
    [{}, inDoubt],
  ])("%j stands for a status: it ends as %j", (error, end) => {
    expect(inside(error)).toMatchObject(end);
  });

  it("after a picture leaves it open whether the call is billed", () => {
    const begun = (error: object) => endOf(() => sortReplyError(error, prompt, now, { hasBegun: true }));
    expect(begun({ status: 503 })).toMatchObject({ ...away, mayBeBilled: true });
    expect(begun({ status: 401 })).toMatchObject(inDoubt);
    expect(begun({ status: 429 })).toMatchObject({ kind: "unavailable", mayBeBilled: true });
  });

  it("names its wait by the headers of the 200", () => {
    const headers = new Headers({ "retry-after": "4" });
    expect(sortReplyError({ code: 429 }, prompt, now, { headers })).toEqual({
      kind: "throttled",
      retryAfterMs: 4_000,
    });
  });
});

describe("a text that isn't the service's JSON", () => {
  it.each([
    [
      403,
      "<html><h1>403 Forbidden</h1>nginx</html>",
      { ...keptOut, failure: { code: "upstreamUnavailable" } },
    ],
    [403, "<html>The content filter of our office has blocked this page</html>", keptOut],
    [400, "<html>Blocked by the content filter</html>", rejected],
    [400, safety, refused],
    [502, "<html>Bad Gateway</html>", inDoubt],
    [400, `AzureException - ${JSON.stringify({ error: { code: "content_filter" } })}`, refused],
  ])("%i %s ends as %j", (status, text, end) => {
    expect(page(status, text)).toMatchObject(end);
  });
});

describe("our own clock", () => {
  const timeUp = AbortSignal.abort(new DOMException("timed out", "TimeoutError"));
  const sentAt = new Date(now.getTime() - 310_000);
  const sortWith = (error: unknown, signal: AbortSignal) => () =>
    sortError(error, prompt, now, { signal, sentAt });
  const broken = (code: string) =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("late"), { code }) });

  it.each([
    [new DOMException("aborted", "AbortError"), timeUp],
    [broken("UND_ERR_HEADERS_TIMEOUT"), new AbortController().signal],
    [broken("UND_ERR_BODY_TIMEOUT"), new AbortController().signal],
  ])("is told as that, and leaves it open whether the call is billed: %s", (error, signal) => {
    expect(sortWith(error, signal)).toThrow(OwnTimeout);
    expect(sortWith(error, signal)).toThrow(
      expect.objectContaining({
        mayBeBilled: true,
        detail:
          "Darkroom stopped waiting for the service after 310 s; the call was sent and may have been billed",
      }) as Error,
    );
  });

  it("is not what cut a call off that somebody else ended, or that the service answered", () => {
    expect(sortWith(new Error("gone"), AbortSignal.abort())).not.toThrow(OwnTimeout);
    const answer = APIError.generate(429, { error: {} }, undefined, new Headers());
    expect(sortWith(answer, timeUp)()).toMatchObject(throttled);
  });
});
