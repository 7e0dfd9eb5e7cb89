import { startStack } from "./stack/stack.ts";
import { run, describe } from "./run/run.ts";
import { singles, faults } from "./plan/plan.ts";
import { flows } from "./flows/all.ts";
const stack = await startStack();
try {
  for (const flow of flows) {
    const plan = singles.find((run) => run.flow === flow.name && run.faults.length === 0);
    if (!plan) continue;
    const result = await run(plan, stack);
    console.log(flow.name, result.ms, result.evidence?.endedAfterMs, result.evidence?.answers.length, result.breaches.length ? describe(result) : "ok");
  }
  const t = Date.now(); const cpu = process.cpuUsage();
  const q = Array.from({ length: 5 }, () => flows).flat().map((f) => singles.find((run) => run.flow === f.name && run.faults.length === 0)!);
  const n = q.length; let bad = 0; 
  await Promise.all(Array.from({ length: 12 }, async () => { for (let p = q.shift(); p; p = q.shift()) { const r = await run(p, stack); if (r.breaches.length) { bad++; console.log(describe(r)); } } }));
  console.log("70 runs, 12 at once", n, Date.now() - t, "ms", process.cpuUsage(cpu), bad, stack.restarts(), [...stack.log.found], faults.length);
} finally { await stack.stop(); }
