import { expect, test } from "vitest";
import { parseSchedule } from "../../../src/triggers/schedule.ts";

const next = (schedule: string, after: string) => parseSchedule(schedule)(new Date(after))?.toISOString();

test.each([
  ["0 */5 * * * *", "2026-01-01T00:00:00.000Z", "2026-01-01T00:05:00.000Z"],
  ["0 */5 * * * *", "2026-01-01T00:04:59.999Z", "2026-01-01T00:05:00.000Z"],
  ["*/10 * * * * *", "2026-01-01T00:00:05Z", "2026-01-01T00:00:10.000Z"],
  ["0 30 9 * * *", "2026-01-01T09:30:00Z", "2026-01-02T09:30:00.000Z"],
  ["0 30 9 * * 1-5", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00.000Z"],
  ["0 30 9 * * mon-FRI", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00.000Z"],
  ["0 0 0 1 jan *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"],
  ["0 0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["5,35 10 3 * * *", "2026-01-01T03:10:05Z", "2026-01-01T03:10:35.000Z"],
  ["0 50-59/3 * * * *", "2026-01-01T00:51:00Z", "2026-01-01T00:53:00.000Z"],
  ["0 58/1 * * * *", "2026-01-01T00:58:00Z", "2026-01-01T00:59:00.000Z"],
  ["15 2 * * *", "2026-01-01T00:00:00Z", "2026-01-01T02:15:00.000Z"],
  ["59 59 23 31 12 *", "2026-12-31T23:59:58Z", "2026-12-31T23:59:59.000Z"],
  ["00:30:00", "2026-01-01T00:00:07Z", "2026-01-01T00:30:07.000Z"],
])("%s after %s is %s", (schedule, after, expected) => {
  expect(next(schedule, after)).toBe(expected);
});

test("the day of the month and the day of the week must both match", () => {
  expect(next("0 0 0 13 * 5", "2026-01-01T00:00:00Z")).toBe("2026-02-13T00:00:00.000Z");
});

test("a schedule that can never come has no next time", () => {
  expect(next("0 0 0 31 2 *", "2026-01-01T00:00:00Z")).toBeUndefined();
});

test.each([
  "",
  "* * * *",
  "60 * * * * *",
  "* * * 0 * *",
  "* * * * 13 *",
  "* * * * * 7",
  "5-1 * * * * *",
  "*/0 * * * * *",
  "x * * * * *",
  "00:00:00",
])("the schedule %j is refused", (schedule) => {
  expect(() => parseSchedule(schedule)).toThrow(/schedule/);
});
