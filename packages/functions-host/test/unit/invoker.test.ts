import { expect, test } from "vitest";
import type { Binding } from "../../src/core-types.ts";
import { createInvoker } from "../../src/invoker.ts";
import type { Worker, WorkerCall } from "../../src/worker.ts";

function setUp(run: (call: WorkerCall) => Promise<unknown>, functionTimeout: number | null = null) {
  const lines: string[] = [];
  const calls: WorkerCall[] = [];
  const worker: Worker = {
    functions: [],
    httpUri: undefined,
    async invoke(_target, call) {
      calls.push(call);
      return { response: { invocationId: call.invocationId }, result: await run(call) };
    },
    terminate: () => Promise.resolve(),
  };
  const invoker = createInvoker({
    worker,
    functionTimeout,
    log: (level, category, message) => void lines.push(`${level} ${category} ${message}`),
    durableClient: (binding) => ({ hub: binding["taskHub"] }),
  });
  const bindings: Record<string, Binding> = {
    item: { type: "queueTrigger", direction: "in" },
    starter: { type: "durableClient", direction: "in", taskHub: "Hub" },
    $return: { type: "http", direction: "out" },
  };
  const target = { metadata: { name: "draw", bindings }, callback: () => undefined };
  const invoke = () =>
    invoker.invoke(target, { data: { string: "x" }, reason: "because", invocationId: "id-1" });
  return { invoker, invoke, lines, calls };
}

test("a call gets the trigger's data and a client under their bindings' names", async () => {
  const { invoke, calls } = setUp(() => Promise.resolve(1));
  expect((await invoke()).result).toBe(1);
  expect(calls[0]?.inputData).toEqual([
    { name: "item", data: { string: "x" } },
    { name: "starter", data: { string: '{"hub":"Hub"}' } },
  ]);
});

test("a call is logged when it begins and when it ends", async () => {
  const { invoke, lines } = setUp(() => Promise.resolve(1));
  await invoke();
  expect(lines).toEqual([
    "information Function.draw Executing 'Functions.draw' (Reason='because', Id=id-1)",
    expect.stringMatching(
      /^information Function\.draw Executed 'Functions\.draw' \(Succeeded, Id=id-1, Duration=\d+ms\)$/,
    ),
  ]);
});

test("a failure is logged with message and stack, and passed on", async () => {
  const { invoke, lines } = setUp(() => Promise.reject(new Error("no paint")));
  await expect(invoke()).rejects.toThrow("no paint");
  expect(lines[1]).toMatch(
    /^error .*\(Failed, Id=id-1.*\)\nResult: Failure\nException: no paint\nStack: Error: no paint\n/,
  );
});

test("a failed orchestrator is logged with its error, without the state that travels in its message", async () => {
  const state = JSON.stringify({ error: "the real reason", actions: [["much"]] });
  const { invoke, lines } = setUp(() => Promise.reject(new Error(`false\n\n$OutOfProcData$:${state}`)));
  await expect(invoke()).rejects.toThrow();
  expect(lines[1]).toContain("Exception: the real reason");
  expect(lines[1]).not.toContain("much");
});

test("a call that takes longer than allowed fails", async () => {
  const { invoke } = setUp(() => new Promise(() => undefined), 5);
  await expect(invoke()).rejects.toThrow("Timeout value of 0.005 s exceeded by function 'Functions.draw'");
});

test("draining waits for the calls in flight, failures included, but not for ever", async () => {
  let fail = (): void => undefined;
  const failing = setUp(() => new Promise((_resolve, reject) => (fail = () => reject(new Error("late")))));
  const call = failing.invoke().catch(() => "failed");
  let drained = false;
  const drain = failing.invoker.drain(60_000).then(() => (drained = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(drained).toBe(false);
  fail();
  await drain;
  expect(await call).toBe("failed");

  const hanging = setUp(() => new Promise(() => undefined));
  void hanging.invoke();
  await hanging.invoker.drain(1);
});
