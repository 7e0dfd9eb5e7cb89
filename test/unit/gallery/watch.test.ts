import { describe, expect, it } from "vitest";
import { ApiError, AwayError } from "../../../gallery/api/client.ts";
import type { Job, JobNews } from "../../../gallery/api/types.ts";
import { watchJob } from "../../../gallery/api/watch.ts";
import { aPageJob } from "../../support/page-jobs.ts";

const ended = aPageJob({ status: "succeeded" });
const event = (id: number, news: JobNews) =>
  `id: ${id}\nevent: ${news.type}\ndata: ${JSON.stringify(news)}\n\n`;
const running = event(2, { type: "job.running" });
const end = event(3, { type: "job.succeeded", job: ended });
const stream = (text: string) => new Response(text);

/** Answers each connection with the next of the script; notes what was asked and told. */
function watching(script: (Response | Error)[], jobs: (Job | Error)[] = []) {
  const log: string[] = [];
  const stop = new AbortController();
  const next = <T>(list: (T | Error)[]): T => {
    const answer = list.shift();
    if (answer === undefined) {
      stop.abort();
      throw new AwayError("The script has ended.");
    }
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const done = watchJob(
    "job_x",
    {
      news: ({ type }) => log.push(type),
      snapshot: ({ status }) => log.push(`read ${status}`),
      reach: (isThere) => log.push(isThere ? "there" : "away"),
    },
    {
      api: {
        events: async (_id, after) => {
          log.push(`events after ${after || "nothing"}`);
          return next(script);
        },
        job: async () => next(jobs),
      },
      signal: stop.signal,
      pause: async (ms) => void log.push(`pause ${ms}`),
    },
  );
  return done.then(() => log);
}

describe("a watched job", () => {
  it("is told event by event until it ends", async () => {
    expect(await watching([stream(running + end)])).toEqual([
      "events after nothing",
      "there",
      "job.running",
      "job.succeeded",
    ]);
  });

  it("is resumed after the last event, wherever the connection ends", async () => {
    const log = await watching([stream(running), new AwayError("cut"), stream(end)]);
    expect(log).toEqual([
      "events after nothing",
      "there",
      "job.running",
      "events after 2",
      "away",
      "pause 500",
      "events after 2",
      "there",
      "job.succeeded",
    ]);
  });

  it("is tried for at ever longer intervals, up to a limit", async () => {
    const log = await watching(Array.from({ length: 8 }, () => new AwayError("cut")));
    const pauses = log.filter((line) => line.startsWith("pause")).map((line) => Number(line.slice(6)));
    expect(pauses.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000]);
  });

  it("is asked for again and again where there are no events", async () => {
    const log = await watching([new ApiError(404, {})], [aPageJob(), new AwayError("cut"), ended]);
    expect(log).toEqual([
      "events after nothing",
      "there",
      "read running",
      "pause 1500",
      "away",
      "pause 500",
      "there",
      "read succeeded",
    ]);
  });

  it("waits as long as it is told to", async () => {
    const log = await watching([new ApiError(503, {}, 7_000), stream(end)]);
    expect(log).toContain("pause 7000");
  });

  it("starts from the beginning when its place is refused", async () => {
    const log = await watching([stream(running), new ApiError(400, {}), stream(end)]);
    expect(log.filter((line) => line.startsWith("events"))).toEqual([
      "events after nothing",
      "events after 2",
      "events after nothing",
    ]);
  });

  it("is given up when it may not be seen, or is gone", async () => {
    expect(await watching([new ApiError(401, {})])).toEqual(["events after nothing"]);
    expect(await watching([new ApiError(404, {})], [new ApiError(404, {})])).toEqual([
      "events after nothing",
    ]);
  });
});
