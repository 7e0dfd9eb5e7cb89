import { describe, expect, it } from "vitest";
import { fresh } from "../../../gallery/model/live-job.ts";
import { byDay, columnsFor, matches, neighbor } from "../../../gallery/model/sheet.ts";
import { sourceOf } from "../../../gallery/model/slots.ts";
import { aPageJob } from "../../support/page-jobs.ts";

const noon = new Date(2026, 2, 4, 12).getTime();
const daysBefore = (days: number) => new Date(noon - days * 86_400_000).toISOString();

describe("the sheet", () => {
  it("hangs jobs under their day", () => {
    const jobs = [0, 0, 1, 2, 400].map((days, index) =>
      fresh(aPageJob({ id: `job_${index}`, created_at: daysBefore(days) })),
    );
    const days = byDay(jobs, noon);
    expect(days.map(({ name, jobs: { length } }) => [name, length])).toEqual([
      ["Today", 2],
      ["Yesterday", 1],
      ["Monday, March 2", 1],
      ["Tuesday, January 28, 2025", 1],
    ]);
  });

  it.each([
    ["GOOSE dawn", true],
    ["demo", true],
    ["goose dusk", false],
    ["", true],
  ])("finds %j in prompt and tags: %s", (query, isFound) => {
    const job = aPageJob({ request: { prompt: "A goose at dawn" }, tags: ["demo"] });
    expect(matches(fresh(job), query)).toBe(isFound);
  });

  it.each([
    [1, 1, 300, 1],
    [4, 1, 900, 4],
    [4, 1.75, 900, 2],
    [10, 1, 900, 4],
    [8, 1, 1400, 4],
    [2, 1.75, 360, 1],
  ])("%d frames of shape %d on %d pixels stand %d side by side", (count, shape, width, columns) =>
    expect(columnsFor(count, shape, width, 208)).toBe(columns),
  );
});

describe("from one picture to the next", () => {
  const jobs = ["job_b", "job_a"].map((id) => fresh(aPageJob({ id })));
  const two = () => 2;

  it("goes over the end of a job to the job beside it", () => {
    expect(neighbor(jobs, { id: "job_b", index: 0 }, 1, two)).toEqual({ id: "job_b", index: 1 });
    expect(neighbor(jobs, { id: "job_b", index: 1 }, 1, two)).toEqual({ id: "job_a", index: 0 });
    expect(neighbor(jobs, { id: "job_a", index: 0 }, -1, two)).toEqual({ id: "job_b", index: 1 });
  });

  it("stops at either end of the sheet", () => {
    expect(neighbor(jobs, { id: "job_b", index: 0 }, -1, two)).toBeUndefined();
    expect(neighbor(jobs, { id: "job_a", index: 1 }, 1, two)).toBeUndefined();
    expect(neighbor(jobs, { id: "job_z", index: 0 }, 1, two)).toBeUndefined();
  });
});

it("an edit's source is what the page noted, and nothing that looks otherwise", () => {
  expect(sourceOf({ metadata: { "gallery.source": "job_a1/3" } })).toEqual({ id: "job_a1", index: 3 });
  expect(sourceOf({ metadata: { "gallery.source": "https://elsewhere.example/" } })).toBeUndefined();
  expect(sourceOf({})).toBeUndefined();
});
