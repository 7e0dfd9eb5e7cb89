import type { Invariant } from "./invariant.ts";

const isEnd = (type: string) => /^job\.(succeeded|failed|canceled)$/.test(type);

export const eventsAreNumbered: Invariant = {
  name: "events are numbered without gaps or repeats, and the end is the last",
  breaches({ lateWatcher, firstWatcher, job }) {
    return [firstWatcher, lateWatcher].flatMap((events) => {
      if (!events || events.length === 0) return [];
      const numbers = events.map(({ id }) => id);
      const isWhole = numbers.every((number, at) => number === at + 1);
      const ends = events.flatMap(({ type }, at) => (isEnd(type) ? [at] : []));
      return [
        ...(isWhole ? [] : [`events are numbered ${numbers.join(", ")}`]),
        ...(ends.length === 1 && ends[0] === events.length - 1
          ? []
          : [`ends stand at ${ends.join(", ") || "no place"} of ${events.length} events`]),
        ...(job && events.at(-1)?.type !== `job.${job.status}`
          ? [`the last event is ${events.at(-1)?.type ?? ""}, the job ${job.status}`]
          : []),
      ];
    });
  },
};

export const watchersAgree: Invariant = {
  name: "who watches from the first sees what a late one sees",
  breaches({ firstWatcher, lateWatcher }) {
    if (!firstWatcher || !lateWatcher) return [];
    const at = lateWatcher.findIndex((event, index) => {
      const first = firstWatcher[index];
      return (
        first?.type !== event.type ||
        first.id !== event.id ||
        (!isEnd(event.type) && first.facts !== event.facts)
      );
    });
    if (at >= 0)
      return [
        `event ${at + 1} was ${firstWatcher[at]?.type ?? "missing"} at first, ${lateWatcher[at]?.type ?? ""} later`,
      ];
    return firstWatcher.length > lateWatcher.length
      ? [`${firstWatcher.length} events were seen at first, ${lateWatcher.length} of them later`]
      : [];
  },
};

export const webhookArrives: Invariant = {
  name: "a webhook arrives at least once, under one id, signed",
  breaches({ expected, received, jobId, endedAfterMs }) {
    if (!expected.isDelivered || jobId === undefined || endedAfterMs === undefined) return [];
    const ids = new Set(received.map(({ id }) => id));
    const unsigned = received.filter(({ isSigned }) => !isSigned).length;
    const strange = received.filter(({ body }) => !body.includes(jobId)).length;
    return [
      ...(received.length === 0 ? ["no message came"] : []),
      ...(ids.size > 1 ? [`messages came under ${ids.size} ids`] : []),
      ...(unsigned > 0 ? [`${unsigned} messages are not signed`] : []),
      ...(strange > 0 ? [`${strange} messages tell of another job`] : []),
    ];
  },
};
