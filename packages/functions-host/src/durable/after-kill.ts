import type { ActivityTask, Instance, Message, Operation } from "./state.ts";

/** For how many milliseconds work that a process took is hidden from others, once the process is silent. */
export interface Hidden {
  activity: number;
  orchestrator: number;
}

/**
 * Hides what a killed process leaves. On the real host work is a queue's message: anyone who takes it makes it invisible for a
 * while and renews that while it works, and a killed process can't hand it back. What was invisible at the kill already
 * keeps its own time: this process never took it.
 */
export function hideAbandoned(
  hub: ReadonlyMap<string, Instance>,
  leftAt: number,
  hidden: Hidden,
): Operation[] {
  const wasTaken = ({ visibleAt = 0 }: ActivityTask | Message) => visibleAt <= leftAt;
  return [...hub.values()].flatMap(({ header, tasks, inbox, nextSequence }): Operation[] => {
    const taken = hidden.activity > 0 ? [...tasks.values()].filter(wasTaken) : [];
    const messages = [...inbox].map(([sequence, message]): [number, Message] =>
      wasTaken(message)
        ? [sequence, { ...message, visibleAt: leftAt + hidden.orchestrator }]
        : [sequence, message],
    );
    return [
      ...taken.map((task): Operation => ({
        op: "task",
        task: { ...task, visibleAt: leftAt + hidden.activity },
      })),
      ...(hidden.orchestrator > 0 && messages.length > 0
        ? [{ op: "inbox" as const, id: header.id, messages, nextSequence }]
        : []),
    ];
  });
}
