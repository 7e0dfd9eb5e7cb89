import { areBeside, awaitedBy, statuses, type Step } from "../workflow.ts";

/** How an action stands to another whose outputs it reads. */
export type Reach = { kind: "after"; statuses: string[] } | { kind: "unordered" | "inside loop" | "unknown" };

/**
 * Whether `name` has surely ended, or been skipped, when `reader` runs, and how it may have ended by then. An action in a
 * container has ended with it; what runs in a loop can't be read from outside, where there is more than one of it.
 */
export function reachOf(actions: Step[], reader: Step, name: string): Reach {
  const target = actions.find((step) => step.name === name);
  if (!target) return { kind: "unknown" };
  const way = [...target.around.map(({ step }) => step), target];
  const own = [...reader.around.map(({ step }) => step), reader];
  for (const [at, holder] of way.entries()) {
    // Steps are told apart by name: they are read anew whenever somebody asks for them.
    if (own.some(({ name: inner }) => inner === holder.name)) continue;
    const beside = own.find((step) => areBeside(step, holder));
    if (!beside) break;
    const ends = endsOf(actions, beside, holder);
    if (ends.length === 0) return { kind: "unordered" };
    const isInLoop = way.slice(at, -1).some(({ type }) => type === "Foreach");
    return isInLoop ? { kind: "inside loop" } : { kind: "after", statuses: ends };
  }
  return { kind: "unordered" };
}

/** The statuses with which `awaited` lets `step` run, over every chain between them; none where there is no chain. */
function endsOf(actions: Step[], step: Step, awaited: Step): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (at: Step) => {
    for (const [name, ends] of awaitedBy(at)) {
      if (name === awaited.name) ends.forEach((end) => found.add(end));
      const next = actions.find((one) => one.name === name && areBeside(one, at));
      if (next && !seen.has(name)) {
        seen.add(name);
        visit(next);
      }
    }
  };
  visit(step);
  return statuses.filter((status) => found.has(status));
}
