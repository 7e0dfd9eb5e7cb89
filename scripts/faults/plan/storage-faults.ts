import type { Flow } from "../flows/flow.ts";
import type { Action, Match, Moment, Rule } from "../proxy/rule.ts";
import type { PlannedFault } from "./fault.ts";

/** What storage can do to a request. Statuses come five times: the SDK asks four times by itself. */
const actions: { name: string; action: Action; times?: number; kinds?: readonly string[] }[] = [
  { name: "503", action: { kind: "status", status: 503 }, times: 5 },
  { name: "500", action: { kind: "status", status: 500 }, times: 5 },
  { name: "403", action: { kind: "status", status: 403 }, times: 2 },
  { name: "reset", action: { kind: "reset" }, times: 5 },
  { name: "slow", action: { kind: "delay", ms: 3_000 } },
  { name: "cut", action: { kind: "cut", share: 0.5 }, kinds: ["read", "list"] },
  { name: "404", action: { kind: "status", status: 404 }, kinds: ["read"] },
  { name: "409", action: { kind: "status", status: 409 }, kinds: ["write"] },
  { name: "412", action: { kind: "status", status: 412 }, kinds: ["write"] },
  { name: "answer lost", action: { kind: "lost" }, kinds: ["write", "delete"] },
  { name: "500 after the write", action: { kind: "status", status: 500, afterWork: true }, kinds: ["write"] },
  { name: "hangs 20 s", action: { kind: "delay", ms: 20_000 }, kinds: ["write"] },
];

const all = () => true;
const withInputs = ({ hasInputs }: Flow) => hasInputs === true;

/** Where the app's requests go, and in which flows. */
const places: {
  service: "table" | "blob";
  place: string;
  kinds: Match["kind"][];
  strikes: PlannedFault["strikes"];
}[] = [
  { service: "table", place: "jobs", kinds: ["read", "write"], strikes: all },
  { service: "table", place: "slots", kinds: ["list", "write"], strikes: all },
  {
    service: "table",
    place: "deliveries",
    kinds: ["write"],
    strikes: ({ isDelivered }) => isDelivered === true,
  },
  { service: "blob", place: "images", kinds: ["write"], strikes: all },
  { service: "blob", place: "uploads", kinds: ["read", "write"], strikes: withInputs },
  { service: "blob", place: "edit-results", kinds: ["write"], strikes: ({ name }) => name === "inbox" },
];
const removals = ["slots", "images", "jobs"];

// A part that can't be told from a real end: another writer's doing, or a row that really isn't there.
const outagesMs = 6_000;

export const storageFaults: readonly PlannedFault[] = [
  ...places.flatMap(({ service, place, kinds, strikes }) =>
    kinds.flatMap((kind) =>
      actions
        .filter((known) => known.kinds === undefined || known.kinds.includes(kind ?? ""))
        .map(({ name, action, times = 1 }) =>
          one(
            `${service} ${place} ${String(kind)} ${name}`,
            strikes,
            { service, place, ...(kind && { kind }), times },
            action,
          ),
        ),
    ),
  ),
  ...removals.flatMap((place) =>
    (["503", "reset", "answer lost"] as const).flatMap((name) => {
      const known = actions.find((candidate) => candidate.name === name);
      if (!known) return [];
      const match: Match = { place, kind: "delete", times: known.times ?? 1 };
      return one(`${place} delete ${name}`, ({ leaves }) => leaves === "deleted", match, known.action);
    }),
  ),
  ...(["called", "answered", "ending"] as const).flatMap((from) =>
    (["table", "blob", undefined] as const).flatMap((service) =>
      (["503", "reset", "403"] as const).map((name): PlannedFault => {
        const action = actions.find((known) => known.name === name)?.action ?? { kind: "reset" };
        const what = service === undefined ? "storage" : `${service}s`;
        return {
          ...one(`${what} away (${name}) for 6 s, ${from}`, all, {}, action),
          rules: outage(service, action, from, outagesMs),
        };
      }),
    ),
  ),
];

/** Rules that take storage, or one of its services, from a run for a while. The inbox's own queue and files stay. */
export function outage(
  service: "table" | "blob" | undefined,
  action: Action,
  from: Moment,
  forMs: number,
): Rule[] {
  const services = service === undefined ? (["table", "blob"] as const) : [service];
  return services.map((each) => ({
    name: `${each}s away`,
    match: { service: each, window: { from, forMs } },
    action,
  }));
}

function one(name: string, strikes: PlannedFault["strikes"], match: Match, action: Action): PlannedFault {
  return { name, side: "storage", strikes, rules: [{ name, match, action }] };
}
