import type { Flow } from "../flows/flow.ts";
import type { Action, Rule } from "../proxy/rule.ts";
import type { PlannedFault } from "./fault.ts";

const asking = ["generate", "edit", "submit"];
const all = () => true;
const plain = ({ isStreamed }: Flow) => isStreamed !== true;
const streamed = ({ isStreamed }: Flow) => isStreamed === true;
const polled = ({ route }: Flow) => route === "submit";
const answeredAtOnce = (flow: Flow) => plain(flow) && !polled(flow);

function proxied(name: string, action: Action, more: Partial<PlannedFault> = {}, times = 1): PlannedFault {
  const rule: Rule = { name, match: { service: "upstream", place: asking, times }, action };
  return { name: `upstream ${name}`, side: "upstream", strikes: all, rules: [rule], ...more };
}

function at(place: string, name: string, action: Action, times: number): PlannedFault {
  const rule: Rule = { name, match: { service: "upstream", place, times }, action };
  return { name: `upstream ${place} ${name}`, side: "upstream", strikes: polled, rules: [rule] };
}

function worded(words: string, more: Partial<PlannedFault> = {}): PlannedFault {
  return { name: `service ${words}`, side: "upstream", strikes: all, words: `[[${words}]]`, ...more };
}

const status = (status: number, code?: string, retryAfter?: number): Action => ({
  kind: "status",
  status,
  ...(code !== undefined && { code }),
  ...(retryAfter !== undefined && { retryAfter }),
});

const refused = { mayFail: ["contentFilter"], spoils: true } as const;
const blocked = { mayFail: ["accountBlocked", "upstreamRejected", "throttled"] } as const;
const paid = { mayRepeat: true } as const;
const damaged = { spoils: true, mayRepeat: true } as const;

/** What is waited for, asked again, or final: the tables of refusals, faults and rejections. */
const statuses: PlannedFault[] = [
  proxied("429 with a wait", status(429, "429", 1)),
  proxied("429 without a wait", status(429)),
  proxied("429 three times", status(429, "429", 1), {}, 3),
  proxied("429 as a 400", status(400, "429")),
  proxied("424", status(424)),
  proxied("503", status(503)),
  proxied("503 with a wait, twice", status(503, "503", 1), {}, 2),
  proxied("500", status(500), paid),
  proxied("502", status(502), paid),
  proxied("504", status(504), paid),
  proxied("408", status(408), paid),
  proxied("409", status(409), paid),
  proxied("401 once", status(401), blocked),
  proxied("404 of a young deployment", status(404, "DeploymentNotFound")),
  proxied("403", status(403), blocked, 99),
  proxied("quota gone", status(429, "insufficient_quota"), blocked, 99),
  proxied("400", status(400, "invalid_value"), { mayFail: ["upstreamRejected"] }, 99),
];

/** The wire giving way: nothing paid, or paid and not seen whole. */
const wire: PlannedFault[] = [
  proxied("reset before it is sent", { kind: "reset" }, paid),
  proxied("answer lost", { kind: "lost" }, paid),
  proxied("500 after the work", { kind: "status", status: 500, afterWork: true }, paid),
  proxied("cut before the body", { kind: "cut", share: 0 }, paid),
  proxied("cut at 10 %", { kind: "cut", share: 0.1 }, paid),
  proxied("cut at half", { kind: "cut", share: 0.5 }, paid),
  proxied("cut at 99 %", { kind: "cut", share: 0.99 }, paid),
  proxied("late by 5 s", { kind: "delay", ms: 5_000 }),
  proxied("slow", { kind: "slow", bytesPerSecond: 20_000 }),
  proxied("HTML", { kind: "body", contentType: "text/html", text: "<h1>Busy</h1>" }, damaged),
  proxied(
    "an error in a 200",
    { kind: "body", contentType: "application/json", text: '{"error":{"code":"500","message":"Internal."}}' },
    damaged,
  ),
  proxied("no JSON", { kind: "body", contentType: "application/json", text: '{"data":[{"b64_' }, damaged),
  proxied("an empty body", { kind: "body", contentType: "application/json", text: "" }, damaged),
  worded("stall=50% times=1", {
    ...damaged,
    mayFail: ["deadlineExceeded", "upstreamUnavailable"],
    strikes: (flow) => answeredAtOnce(flow) && !flow.waits,
  }),
];

/** What the service draws, or doesn't. */
const content: PlannedFault[] = [
  worded("refuse", refused),
  worded("refuse=output", refused),
  worded("refuse-slots=0", { ...refused, strikes: answeredAtOnce }),
  worded("refuse nth=1", { ...refused, strikes: ({ name }) => name === "dalle3x4" }),
  worded("empty times=1", { ...damaged, strikes: answeredAtOnce }),
  // A service that makes fewer than it was asked for has answered: the rest fails with that reason.
  worded("images=1 times=1", {
    ...damaged,
    mayFail: ["upstreamUnavailable"],
    strikes: ({ perCall }) => perCall > 1,
  }),
  worded("images=6", { ...damaged, strikes: answeredAtOnce }),
  worded("base64=invalid times=1", {
    ...damaged,
    mayFail: ["upstreamUnavailable"],
    strikes: answeredAtOnce,
  }),
  worded("content-type=text/plain", { strikes: plain }),
  worded("chunk=777", {}),
  worded("latency=4000", {}),
];

const streams: PlannedFault[] = [
  worded("cut=event:1 times=1", { ...damaged, strikes: streamed }),
  worded("cut=event:1.5 times=1", { ...damaged, strikes: streamed }),
  worded("ending=error times=1", { ...damaged, strikes: streamed }),
  worded("ending=none times=1", { ...damaged, strikes: streamed }),
  worded("ending=broken times=1", { ...damaged, strikes: streamed }),
  worded("stream=ignored", { strikes: streamed }),
  worded("partials=0", { strikes: streamed }),
  worded("duplicate=0", { strikes: streamed }),
  worded("comments=300", { strikes: streamed }),
  worded("line-ends=crlf", { strikes: streamed }),
];

const operations: PlannedFault[] = [
  at("poll", "404 twice", status(404), 2),
  at("poll", "503 twice", status(503), 2),
  at("poll", "reset", { kind: "reset" }, 1),
  at("poll", "cut at half", { kind: "cut", share: 0.5 }, 1),
  at("poll", "429", status(429, "429", 1), 1),
  at("image", "404 twice", status(404), 2),
  at("image", "403 once", status(403), 1),
  at("image", "503 twice", status(503, "ServerBusy", 1), 2),
  at("image", "reset", { kind: "reset" }, 1),
  at("image", "cut at half", { kind: "cut", share: 0.5 }, 1),
  at("delete", "503", status(503), 1),
  worded("operation=failed", {
    strikes: polled,
    mayFail: ["upstreamUnavailable", "upstreamRejected"],
    spoils: true,
    mayRepeat: true,
  }),
];

export const upstreamFaults: readonly PlannedFault[] = [
  ...statuses,
  ...wire,
  ...content,
  ...streams,
  ...operations,
];
