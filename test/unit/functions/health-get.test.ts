import { afterEach, describe, expect, it, vi } from "vitest";
import { anApp } from "../../support/app.ts";

const path = "/api/health";
const built = { version: "1.2.3", build: "abc" };
const well = { status: "ok", ...built, checks: { host: "ok", storage: "ok", configuration: "ok" } };
const ill = {
  status: "degraded",
  ...built,
  checks: { host: "ok", storage: "unreachable", configuration: "ok" },
};

afterEach(() => vi.useRealTimers());

describe("the health check", () => {
  it("says that all is well, to anyone, having asked storage and nothing else", async () => {
    const app = anApp();
    const { status, json } = await app.ask("healthGet", { path, headers: { "x-caller": "" } });
    expect([status, json, app.diary]).toEqual([200, well, ["ping", "pingBlobs"]]);
  });

  it("asks storage once in five seconds, however often it is asked", async () => {
    const app = anApp();
    for (let i = 0; i < 10; i += 1) await app.ask("healthGet", { path });
    app.clock.pass(5_000);
    await app.ask("healthGet", { path });
    expect(app.diary).toEqual(["ping", "pingBlobs"]);
    app.clock.pass(1);
    await app.ask("healthGet", { path });
    expect(app.diary).toHaveLength(4);
  });

  it("asks storage once when many ask at the same time", async () => {
    const app = anApp();
    await Promise.all(Array.from({ length: 10 }, () => app.ask("healthGet", { path })));
    expect(app.diary).toEqual(["ping", "pingBlobs"]);
  });

  it("says 503 while tables can't be reached, and recovers", async () => {
    const app = anApp();
    app.jobs.outage.of("ping");
    expect(await app.ask("healthGet", { path })).toMatchObject({ status: 503, json: ill });
    app.jobs.outage.end();
    app.clock.pass(5_001);
    expect(await app.ask("healthGet", { path })).toMatchObject({ status: 200, json: well });
  });

  it("says 503 while blobs can't be reached", async () => {
    const app = anApp();
    app.images.outage.of("pingBlobs");
    expect(await app.ask("healthGet", { path })).toMatchObject({ status: 503, json: ill });
  });

  it("says 503 when storage doesn't answer: nobody is kept waiting by a health check", async () => {
    vi.useFakeTimers();
    const app = anApp();
    app.jobs.ping = () => new Promise(() => undefined);
    const asked = app.ask("healthGet", { path });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await asked).toMatchObject({ status: 503, json: ill });
  });
});
