import { describe, expect, it } from "vitest";
import {
  AppError,
  errorInfo,
  activityErrorInfo,
  invalidRequest,
  UpstreamError,
} from "../../../src/domain/app-error.ts";

describe("an activity's error, as its orchestration sees it", () => {
  // The host's wrapping: two spaces, then the message, then details on a line of their own.
  const wrapped = (message: string) =>
    new Error(`Activity function 'render-images' failed:  ${message} \n {"ClassName":"x"}`);

  it("gives back the fault that was thrown", () => {
    const failure = new UpstreamError("the service answered 502", { mayBeBilled: true });
    expect(activityErrorInfo(wrapped(failure.message))).toEqual(
      errorInfo("upstreamUnavailable", "the service answered 502"),
    );
  });

  it.each([wrapped("TypeError: x is not a function"), new Error("anything"), "text", undefined])(
    "is an internal one, told in our own words, when nobody knows it: %s",
    (error) => {
      expect(activityErrorInfo(error)).toEqual(
        errorInfo("internal", "An internal step failed and was given up."),
      );
    },
  );
});

describe("a fault", () => {
  it("of a request says all that is wrong in one message", () => {
    const failure = invalidRequest([
      { param: "size", message: "size is wrong." },
      { param: "n", message: "n is wrong." },
    ]);
    expect(failure).toMatchObject({ code: "invalidRequest", detail: "size is wrong. n is wrong." });
  });

  it("keeps its cause and carries its code in its message", () => {
    const cause = new Error("socket");
    const failure = new AppError("internal", "storage is gone", { cause });
    expect([failure.message, failure.cause]).toEqual(["internal: storage is gone", cause]);
  });
});
