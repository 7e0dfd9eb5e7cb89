import { describe, expect, it } from "vitest";
import {
  Fault,
  factsOf,
  faultOfActivityError,
  invalidRequest,
  UpstreamFault,
} from "../../../src/domain/fault.ts";

describe("an activity's error, as its orchestration sees it", () => {
  // The host's wrapping: two spaces, then the message, then details on a line of their own.
  const wrapped = (message: string) =>
    new Error(`Activity function 'render-images' failed:  ${message} \n {"ClassName":"x"}`);

  it("gives back the fault that was thrown", () => {
    const fault = new UpstreamFault("the service answered 502", { mayBeBilled: true });
    expect(faultOfActivityError(wrapped(fault.message))).toEqual(
      factsOf("upstreamUnavailable", "the service answered 502"),
    );
  });

  it.each([wrapped("TypeError: x is not a function"), new Error("anything"), "text", undefined])(
    "is an internal one, told in our own words, when nobody knows it: %s",
    (error) => {
      expect(faultOfActivityError(error)).toEqual(
        factsOf("internal", "An internal step failed and was given up."),
      );
    },
  );
});

describe("a fault", () => {
  it("of a request says all that is wrong in one message", () => {
    const fault = invalidRequest([
      { param: "size", message: "size is wrong." },
      { param: "n", message: "n is wrong." },
    ]);
    expect(fault).toMatchObject({ code: "invalidRequest", detail: "size is wrong. n is wrong." });
  });

  it("keeps its cause and carries its code in its message", () => {
    const cause = new Error("socket");
    const fault = new Fault("internal", "storage is gone", { cause });
    expect([fault.message, fault.cause]).toEqual(["internal: storage is gone", cause]);
  });
});
