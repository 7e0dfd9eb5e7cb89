import { expect, it } from "vitest";
import type { CreatedImages, ImageResult } from "../../../src/connector/contracts/schemas.ts";
import { type Polled, PollingTrigger } from "../../support/workflow/polling-trigger.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

/** A workflow that is started by polls. */
export function polling({ darkroom, engine, gateway }: WorkflowHarness): void {
  it("is told nothing of the past, then of none, one and many images, of each in a run of its own", async () => {
    const make = (count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const body = {
            prompt: `a watched kite ${tiny}`,
            deployment: "gpt-image",
            tags: [darkroom.unused("watched")],
          };
          return ((await engine.act("GenerateImage", { body })).body as ImageResult).jobId;
        }),
      );
    const listed = async () => {
      const query = `tag=${darkroom.unused("watched")}&status=succeeded&limit=100`;
      return ((await (await darkroom.fetch(`/api/jobs?${query}`)).json()) as { jobs: unknown[] }).jobs;
    };
    const idsOf = ({ runs }: Polled) => (runs as CreatedImages["value"]).map(({ jobId }) => jobId).sort();
    await make(1);
    const trigger = new PollingTrigger(engine, "WhenImagesAreCreated", { tag: darkroom.unused("watched") });
    expect((await trigger.poll()).status).toBe(202);
    expect((await trigger.poll()).status).toBe(202);
    const one = await make(1);
    // Lost on its way: the next poll is told again, as nobody has moved on.
    gateway().strike(
      ({ url = "" }) => url.includes("state="),
      { isRefusedByGateway: 429, retryAfter: 1 },
      { cut: "once answered" },
    );
    const polled = await trigger.poll();
    expect([polled.answers, idsOf(polled)]).toEqual([[429, "lost", 200], one]);
    expect((await trigger.poll()).status).toBe(202);

    const many = await make(22);
    // A job's end is written to its own row and then to its list row; a poll between the two is told of it by the next one.
    await expect.poll(async () => (await listed()).length, { timeout: 20_000 }).toBe(24);
    const page = await trigger.poll();
    expect([page.status, page.hasMore]).toEqual([200, true]);
    const rest = await trigger.poll();
    expect([page.runs.length, rest.runs.length, rest.hasMore]).toEqual([20, 2, false]);
    expect([...idsOf(page), ...idsOf(rest)].sort()).toEqual(many.sort());
    expect((await trigger.poll()).status).toBe(202);
  });
}
