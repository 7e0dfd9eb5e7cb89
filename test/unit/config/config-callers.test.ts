import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

it("limits of callers are read by caller id, and those of all others", () => {
  const CALLER_LIMITS = JSON.stringify({ phone: { open_jobs: 5 }, "*": { jobs_per_minute: 60 } });
  expect([...settingsWith({ CALLER_LIMITS }).callerLimits]).toEqual([
    ["phone", { openJobs: 5 }],
    ["*", { jobsPerMinute: 60 }],
  ]);
});

it.each([
  ["of nothing", { phone: { open_jobs: 0 } }, "CALLER_LIMITS.phone.open_jobs"],
  ["below nothing", { phone: { jobs_per_minute: -1 } }, "CALLER_LIMITS.phone.jobs_per_minute"],
  ["of parts", { phone: { open_jobs: 1.5 } }, "CALLER_LIMITS.phone.open_jobs"],
  ["by another name", { phone: { jobs: 1 } }, "CALLER_LIMITS.phone"],
])("a limit %s is named at start", (_, limits, problem) => {
  expect(problemsWith({ CALLER_LIMITS: JSON.stringify(limits) }).join("\n")).toContain(problem);
});
