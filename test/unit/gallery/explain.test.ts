import { describe, expect, it } from "vitest";
import { errorCodes } from "../../../src/domain/app-error.ts";
import {
  costOf,
  describeStatus,
  errorsByField,
  fieldOf,
  mayHelpToRepeat,
  meaningOf,
  outlookOf,
  reasonOf,
  statusWord,
} from "../../../gallery/model/explain.ts";
import { aPageImage, aPageJob } from "../../support/page-jobs.ts";

const refusal = { index: 1, code: "contentFilter" as const, message: "Refused.", retryable: false };

describe("a fault", () => {
  it.each(Object.keys(errorCodes))("by %s has words of its own", (code) => {
    expect(meaningOf(code)).not.toBe(meaningOf("a code nobody knows"));
  });

  it("is shown at the field it names", () => {
    const violations = [
      { param: "size", message: "size is odd" },
      { param: "tags[0]", message: "a tag is odd" },
    ];
    const named = errorsByField({ message: "both", param: "size", details: violations }, ["size", "tags"]);
    expect(named).toEqual({ fields: { size: "size is odd", tags: "a tag is odd" }, rest: "" });
    expect(errorsByField({ message: "one", param: "size" }, ["size"])).toEqual({
      fields: { size: "one" },
      rest: "",
    });
  });

  it("that names no field of the form is said beside the button", () => {
    expect(errorsByField({ message: "busy" }, ["size"]).rest).toBe("busy");
    expect(errorsByField({ message: "odd", param: "user" }, ["size"]).rest).toBe("odd");
    expect(errorsByField({}, []).rest).not.toBe("");
  });

  it.each([
    ["images[0].url", "images"],
    ["output_format", "output_format"],
    ["prompt", "prompt"],
  ])("about %s is about %s", (param, field) => expect(fieldOf(param)).toBe(field));
});

describe("a job's status line", () => {
  it("tells refusals from failures", () => {
    const failures = [refusal, { ...refusal, index: 2, code: "throttled" as const }];
    const job = aPageJob({ status: "succeeded", images: [aPageImage(0)], failures });
    expect(describeStatus(job, 3)).toBe("Done in part: 1 of 3 images, 1 refused, 1 failed.");
    expect(describeStatus(aPageJob(), 1)).toBe("Developing: 0 of 1 image so far.");
  });

  it("is called refused when nothing else came of it", () => {
    expect(statusWord(aPageJob({ status: "failed", error: refusal }))).toBe("Refused");
    expect(statusWord(aPageJob({ status: "failed" }))).toBe("Failed");
    const [since, until] = ["2026-03-04T05:06:07.000Z", "2026-03-04T05:07:07.000Z"];
    const waiting = { reason: "quota" as const, since, until, position: 0 };
    expect(statusWord(aPageJob({ waiting }))).toBe("Waiting");
  });
});

describe("why there are fewer pictures", () => {
  it("is said of a canceled job, a failed one and one that is partly done", () => {
    const images = [aPageImage(0)];
    expect(reasonOf(aPageJob({ status: "canceled" }), 2)).toBe("Canceled before it was made.");
    expect(reasonOf(aPageJob({ status: "canceled", images }), 4)).toBe("Canceled after 1 of 4.");
    expect(reasonOf(aPageJob({ status: "succeeded", images, failures: [refusal] }), 2)).toBe(
      "1 of 2: one was refused.",
    );
    expect(reasonOf(aPageJob({ status: "failed", error: refusal }), 1)).toContain("content policy");
    expect(reasonOf(aPageJob({ status: "succeeded", images }), 1)).toBe("");
  });

  it("decides whether asking again is offered", () => {
    expect(mayHelpToRepeat(aPageJob({ status: "failed", error: refusal }))).toBe(false);
    expect(mayHelpToRepeat(aPageJob({ status: "failed", error: { ...refusal, retryable: true } }))).toBe(
      true,
    );
    expect(mayHelpToRepeat(aPageJob({ status: "canceled" }))).toBe(true);
  });
});

describe("what an open job waits for", () => {
  const now = Date.parse("2026-03-04T05:06:07.000Z");
  const until = new Date(now + 40_000).toISOString();
  const waits = (reason: "quota" | "throttled" | "service", position: number) =>
    outlookOf(aPageJob({ waiting: { reason, since: until, until, position } }), now);

  it("is said with its reason, its time and who is before it", () => {
    expect(waits("quota", 3)).toBe("Starts in about 40 s: 3 ahead of it.");
    expect(waits("quota", 0)).toMatch(/^Waits for quota, tries again at /);
    expect(waits("throttled", 0)).toContain("no capacity");
    expect(waits("service", 0)).toBe("The service is away, asked again in about 40 s.");
    expect(outlookOf(aPageJob(), now)).toBe("");
  });

  it("is followed by its end where that is known, and no longer than that is to come", () => {
    const ends = (job: object) => outlookOf(aPageJob({ estimated_end: until, ...job }), now);
    expect(ends({})).toBe("Done in about 40 s.");
    expect(ends({ waiting: { reason: "quota", since: until, until, position: 3 } })).toBe(
      "Starts in about 40 s: 3 ahead of it. Done in about 40 s.",
    );
    expect(outlookOf(aPageJob({ estimated_end: until }), now + 41_000)).toBe("");
    expect(ends({ status: "succeeded" })).toBe("");
  });
});

describe("what a job costs", () => {
  it("is what it came to, else what is expected, in as many digits as count", () => {
    const cost = (change: object) => costOf(aPageJob({ cost: { currency: "USD", ...change } }));
    expect(cost({ estimated: 0.08, actual: 0.04 })).toBe("$0.04");
    expect(cost({ estimated: 0.0025 })).toBe("about $0.0025");
    expect(cost({ estimated: 12.345 })).toMatch(/^about \$12\.3[45]$/);
    expect([cost({}), costOf(aPageJob())]).toEqual(["", ""]);
  });
});
