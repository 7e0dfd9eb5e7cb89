import type { Evidence } from "../run/evidence.ts";
import type { Invariant } from "./invariant.ts";

const billed = ({ ledger }: Evidence) => ledger.reduce((sum, { images_billed }) => sum + images_billed, 0);
const flagged = ({ job }: Evidence) => (job?.repeated_calls ?? 0) + (job?.unanswered_calls ?? 0);

export const nothingBoughtTwiceUnflagged: Invariant = {
  name: "nothing is bought twice unflagged",
  breaches(evidence) {
    const { wanted, perCall, isSpoilt } = evidence.expected;
    // An answer of no use, or with other pictures than asked, may be followed by another call for each slot.
    const limit = (isSpoilt ? 2 * wanted : wanted) + flagged(evidence) * perCall;
    const surplus = isSpoilt ? 0 : billed(evidence) - limit;
    const calls = evidence.ledger.filter(({ images_billed }) => images_billed > 0).length;
    return surplus > 0 || calls > limit
      ? [
          `${billed(evidence)} pictures in ${calls} calls were billed for ${wanted} wanted, ${flagged(evidence)} calls are flagged`,
        ]
      : [];
  },
};

export const storageBuysNothing: Invariant = {
  name: "a fault of storage buys nothing twice, and flags nothing",
  breaches(evidence) {
    const { mayRepeat, isSpoilt, wanted, leaves } = evidence.expected;
    if (mayRepeat || isSpoilt || leaves === "canceled") return [];
    const calls = flagged(evidence);
    return [
      ...(billed(evidence) > wanted ? [`${billed(evidence)} pictures were billed for ${wanted} wanted`] : []),
      ...(calls > 0 ? [`${calls} calls are flagged, although every answer came`] : []),
    ];
  },
};

export const unasked: Invariant = {
  name: "nothing is bought for a request that was not accepted",
  breaches: (evidence) =>
    evidence.jobId === undefined && billed(evidence) > 0 ? [`${billed(evidence)} pictures were billed`] : [],
};
