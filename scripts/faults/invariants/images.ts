import type { Evidence } from "../run/evidence.ts";
import type { Invariant } from "./invariant.ts";

const wasLeft = ({ job, expected }: Evidence) => job?.status === "canceled" && expected.leaves === "canceled";

export const imagesFitSlots: Invariant = {
  name: "images are among the slots, each once",
  breaches({ job, expected }) {
    const indexes = job?.images.map(({ index }) => index) ?? [];
    const failed = job?.failures.map(({ index }) => index) ?? [];
    const all = [...indexes, ...failed];
    const strangers = all.filter((index) => index < 0 || index >= expected.wanted);
    return [
      ...strangers.map((index) => `there is no slot ${index}`),
      ...(new Set(all).size < all.length ? [`a slot has two ends: ${all.join(", ")}`] : []),
    ];
  },
};

export const everySlotEnds: Invariant = {
  name: "every slot of an ended job has an image or a reason",
  breaches(evidence) {
    const { job, expected } = evidence;
    if (!job || wasLeft(evidence)) return [];
    const ends = job.images.length + job.failures.length;
    return ends === expected.wanted
      ? []
      : [`${ends} of ${expected.wanted} slots have an end (${job.status})`];
  },
};

export const blobsMatch: Invariant = {
  name: "an image's blob exists and has its hash",
  breaches: ({ job, hashes, expected }) =>
    expected.leaves === "deleted"
      ? []
      : (job?.images ?? []).flatMap(({ index, sha256 }) => {
          const found = hashes.get(index);
          if (found === undefined) return [`image ${index} has no blob`];
          return found === sha256 ? [] : [`the blob of image ${index} has another hash`];
        }),
};

export const nothingIsLost: Invariant = {
  name: "no fault costs a picture that it needn't",
  breaches(evidence) {
    const { job, expected } = evidence;
    if (!job || !expected.isComplete || wasLeft(evidence)) return [];
    const missing = expected.wanted - job.images.length;
    const why = job.failures.map(({ code, message }) => `${code}: ${message}`);
    return missing > 0
      ? [`${missing} of ${expected.wanted} pictures are missing (${why[0] ?? job.status})`]
      : [];
  },
};

export const receivedIsDelivered: Invariant = {
  name: "what was paid for and received is delivered",
  breaches(evidence) {
    const { job, answers, expected } = evidence;
    if (!job || expected.isSpoilt || wasLeft(evidence)) return [];
    const received = answers.reduce((sum, { images, isWhole }) => sum + (isWhole ? images : 0), 0);
    const due = Math.min(expected.wanted, received);
    return job.images.length < due
      ? [`${due} pictures were received whole, ${job.images.length} delivered`]
      : [];
  },
};

export const reasonsFit: Invariant = {
  name: "a failed slot carries a reason that fits what happened",
  breaches(evidence) {
    const { job, expected } = evidence;
    if (!job || wasLeft(evidence)) return [];
    return job.failures.flatMap(({ index, code, message }) => [
      ...(message.trim() === "" ? [`slot ${index} has no reason`] : []),
      ...(expected.mayFail.includes(code) ? [] : [`slot ${index} failed as ${code}: ${message}`]),
    ]);
  },
};
