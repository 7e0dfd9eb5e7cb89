import { type JsonObject, textAt } from "../../json.ts";

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const form = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** An ISO 8601 duration without months and years, which have no fixed length. */
export function milliseconds(text: string): number | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number(part || 0));
  return (weeks * 7 + days) * day + hours * hour + minutes * minute + seconds * second;
}

/** How long all tries of a retry policy wait between them, at least; nothing where it is no policy. */
export function waitedBy(policy: JsonObject): number | undefined {
  const { type, count } = policy;
  if (type === "none") return 0;
  const interval = milliseconds(textAt(policy, "interval") ?? "");
  if (typeof count !== "number" || interval === undefined) return undefined;
  if (type === "fixed") return count * interval;
  if (type !== "exponential") return undefined;
  const most = milliseconds(textAt(policy, "maximumInterval") ?? "P1D") ?? day;
  // Each wait is chosen at random up to its bound; half of it is what to count on.
  return Array.from({ length: count }, (_, at) => Math.min(interval * 2 ** at, most) / 2).reduce(
    (sum, one) => sum + one,
    0,
  );
}
