import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import type { ImageResult } from "../../../src/connector/contracts/schemas.ts";
import { aPicture } from "../../support/edits.ts";
import type { Fate } from "../../support/workflow/gateway.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { idOf } from "./actions.ts";
import { tiny } from "./tiny.ts";

const isPost = ({ method }: IncomingMessage) => method === "POST";
const isPoll = ({ method, headers }: IncomingMessage) => method === "GET" && !("api-key" in headers);

/** What networks, gateways and storage do to actions: each is posted again by the same run, and is billed once. */
export function lostAnswers({ darkroom, engine, gateway, tables }: WorkflowHarness): void {
  const generate = (prompt: string, action = {}) =>
    engine.act("GenerateImage", { body: { prompt: `${prompt} ${tiny}`, deployment: "gpt-image" } }, action);
  const billed = async (prompt: string) => (await darkroom.ledger(prompt)).totals.images_billed;

  it.each<[string, Fate[], (number | "lost")[]]>([
    [
      "429 by a gateway that says when to come back",
      [{ isRefusedByGateway: 429, retryAfter: 7 }],
      [429, 202],
    ],
    [
      "503 and 408, one after the other",
      [{ isRefusedByGateway: 503 }, { isRefusedByGateway: 408 }],
      [503, 408, 202],
    ],
    ["504 while it went through", [{ answeredInstead: 504 }], [504, 202]],
    [
      "lost answers, four times",
      Array.from({ length: 4 }, () => ({ cut: "once answered" as const })),
      ["lost", "lost", "lost", "lost", 202],
    ],
    [
      "cut connections, before anything was said",
      [{ cut: "once sent" }, { cut: "once sent" }],
      ["lost", "lost", 202],
    ],
  ])("by %s", async (name, fates, answers) => {
    gateway().strike(isPost, ...fates);
    const outcome = await generate(`a kite in ${name}`);
    // Posted again once its job has ended, it is answered with the end.
    const answered = outcome.answers.slice(0, answers.length).map((one) => (one === 200 ? 202 : one));
    expect([outcome.status, answered]).toEqual([200, answers]);
    if (name.startsWith("429")) expect(outcome.retryAfters[0]).toBe(7);
    expect(gateway().pending).toBe(0);
    expect([await billed(`a kite in ${name}`), (await darkroom.calls(`a kite in ${name}`)).length]).toEqual([
      1, 1,
    ]);
  });

  it("by an edit's lost answer, which brings its picture again", async () => {
    gateway().strike(isPost, { cut: "once answered" });
    const images = [{ contentBytes: (await aPicture(2)).toString("base64") }];
    const outcome = await engine.act("EditImage", { body: { prompt: `a twice sent kite ${tiny}`, images } });
    expect([outcome.status, outcome.answers.slice(0, 2)]).toEqual([200, ["lost", 202]]);
    expect(await darkroom.calls("a twice sent kite")).toHaveLength(1);
  });

  it("by polls that are turned away, and asked again", async () => {
    gateway().strike(
      isPoll,
      { isRefusedByGateway: 503, retryAfter: 1 },
      { cut: "once answered" },
      { isRefusedByGateway: 429 },
    );
    const { status, answers } = await generate("a kite that is asked after");
    expect([status, answers.slice(0, 4)]).toEqual([200, [202, 503, "lost", 429]]);
    expect(await billed("a kite that is asked after")).toBe(1);
  });

  it("by an action that begins anew when its polls fail for good", async () => {
    gateway().strike(isPoll, ...Array.from({ length: 5 }, () => ({ isRefusedByGateway: 500 })));
    const outcome = await generate("a kite begun anew", { postsAfterFailedPoll: true });
    expect([outcome.status, outcome.answers.slice(0, 6)]).toEqual([200, [202, 500, 500, 500, 500, 500]]);
    // Posted again: 202 while the job goes on, or its end.
    expect(outcome.answers.length).toBeGreaterThan(6);
    expect(await billed("a kite begun anew")).toBe(1);
  });

  it.each<[string, number, Fate, number[]]>([
    ["refuses to say whether it was sent before", 0, { isRefusedByGateway: 403 }, [503, 202]],
    ["refuses to record it", 1, { isRefusedByGateway: 403 }, [503, 202]],
    ["has recorded it when the connection gives way", 1, { cut: "once answered" }, [202]],
  ])("by storage that %s", async (name, nth, fate, answers) => {
    let seen = 0;
    // What a request is known by again has a row of this name: it is looked for, and written along with the job.
    tables().strike(
      (request, body) => `${request.url ?? ""}${body}`.includes("claim-") && seen++ === nth,
      fate,
    );
    const outcome = await generate(`a kite in storage that ${name}`);
    // Posted again once its job has ended, it is answered with the end.
    const answered = outcome.answers.slice(0, answers.length).map((one) => (one === 200 ? 202 : one));
    expect([outcome.status, answered]).toEqual([200, answers]);
    expect([tables().pending, await billed(`a kite in storage that ${name}`)]).toEqual([0, 1]);
  });

  it("long after its end, by the same run; another run is another job", async () => {
    const run = engine.newRun();
    const first = await generate("a lost kite", { run });
    const again = await generate("a lost kite", { run });
    expect(again.answers).toEqual([200]);
    expect(idOf(again)).toBe(idOf(first));
    const other = await generate("a lost kite");
    expect(idOf(other)).not.toBe(idOf(first));
    expect([await billed("a lost kite"), (await darkroom.calls("a lost kite")).length]).toEqual([2, 2]);
  });

  it("from many sockets at once is one job; another turn of its loop is another", async () => {
    const run = engine.newRun();
    const semaphore = ["1", "1", "1", "2", "2"];
    const outcomes = await Promise.all(semaphore.map((turn) => generate("a looped kite", { run, turn })));
    const ids = outcomes.map(({ body }) => (body as ImageResult).jobId);
    expect(new Set(ids).size).toBe(2);
    expect([ids[0] === ids[2], ids[3] === ids[4], ids[0] === ids[3]]).toEqual([true, true, false]);
    expect(await darkroom.calls("a looped kite")).toHaveLength(2);
  });
}
