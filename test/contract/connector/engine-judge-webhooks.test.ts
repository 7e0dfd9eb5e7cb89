import { describe, expect, it } from "vitest";
import { drop } from "../../support/connector-defects.ts";
import { judgeAnswer, judgeCallback } from "../../support/workflow/judge.ts";
import { aHook, asJsonAnswer, damagedDefinition } from "../../support/workflow/negative-fixtures.ts";

/** As engine-judge.test.ts, of what is subscribed to and called back. */

const poll = "https://darkroom.example/api/connector/jobs/job_1/result?expires=1&signature=s";
const hooked = { location: "https://darkroom.example/api/connector/hooks/sown/hook_1" };
const outcome = { jobId: "job_1", status: "succeeded" };

describe("a webhook", () => {
  const withHook = damagedDefinition(aHook());
  const hook = withHook.operation("WhenSown");

  it("that keeps its promises is let pass", () => {
    expect(judgeAnswer(withHook, hook, asJsonAnswer(201, undefined, hooked))).toEqual([]);
    expect(
      judgeCallback(withHook, hook, {
        method: "POST",
        contentType: "application/json; charset=utf-8",
        json: outcome,
      }),
    ).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ["says nothing of how to end it", {}, "where to go on"],
    ["is ended by a relative address", { location: "/api/connector/hooks/sown/hook_1" }, "not absolute"],
    ["is ended by what can't be deleted", { location: poll }, "leads to no delete operation"],
  ])("that %s is told", (_, headers, complaint) => {
    const answer = asJsonAnswer(201, undefined, headers);
    expect(judgeAnswer(withHook, hook, answer).join("\n")).toContain(complaint);
  });

  it.each<[string, object, string]>([
    ["by PUT", { method: "PUT" }, "it is a PUT"],
    ["as a form", { contentType: "application/x-www-form-urlencoded" }, "not sent as JSON"],
    ["without a field", { json: { jobId: "job_1" } }, "required property 'status'"],
    ["with a field of a wrong type", { json: { ...outcome, jobId: 7 } }, "/jobId must be string"],
    [
      "with a field that nobody would be shown",
      { json: { ...outcome, secret: 1 } },
      "/secret is not in the schema",
    ],
    ["with nothing", { json: undefined }, "must be object"],
  ])("that calls back %s is told", (_, change, complaint) => {
    const sound = { method: "POST", contentType: "application/json", json: outcome };
    expect(judgeCallback(withHook, hook, { ...sound, ...change }).join("\n")).toContain(complaint);
  });

  it("whose path declares no callback is told", () => {
    const damaged = damagedDefinition(aHook(), (tree) =>
      drop(tree["paths"]!["/hooks/sown"], "x-ms-notification-content"),
    );
    const complaintsOf = judgeCallback(damaged, damaged.operation("WhenSown"), {
      method: "POST",
      contentType: "application/json",
      json: outcome,
    });
    expect(complaintsOf).toEqual(["/hooks/sown declares no callback"]);
  });
});
