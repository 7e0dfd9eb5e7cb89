import { expect, it } from "vitest";
import { heldRunner } from "../../../src/jobs/held-runner.ts";
import { MemoryServiceState } from "../../support/caller-fakes.ts";
import { FakeJobRunner } from "../../support/fakes.ts";
import { aContext } from "../../support/http.ts";
import { aJob } from "../../support/jobs.ts";

it("a paused app begins no job, a draining one those it has, an open one all", async () => {
  const service = new MemoryServiceState();
  const begun: string[] = [];
  const runner = Object.assign(new FakeJobRunner(), {
    start: async () => void begun.push(service.now),
  });
  const jobs = heldRunner(() => runner, service)(aContext());
  for (const mode of ["paused", "draining", "open"] as const) {
    await service.set(mode);
    await jobs.start(aJob());
  }
  expect(begun).toEqual(["draining", "open"]);
});
