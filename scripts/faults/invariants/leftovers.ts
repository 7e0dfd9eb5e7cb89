import type { Evidence, Stored } from "../run/evidence.ts";
import type { Invariant } from "./invariant.ts";

/** Blobs of a job that no row of it tells of. */
export function orphanBlobs(jobId: string, { images, slots }: Pick<Stored, "images" | "slots">): string[] {
  const recordedSlots = slots.map(({ json }) => String(json));
  const isStored = (index: string) =>
    slots.some(
      ({ rowKey, json }) =>
        rowKey === `slot-${index.padStart(3, "0")}` && /"state":"stored"/.test(String(json)),
    );
  return images.filter((name) => {
    const thumbnail = /^[^/]+\/(\d+)\.\d+\.webp$/.exec(name)?.[1];
    if (thumbnail !== undefined) return !isStored(thumbnail);
    // A slot or an event names its blob.
    return !recordedSlots.some(
      (json) => json.includes(JSON.stringify(name)) || json.includes(`"${name.slice(jobId.length + 1)}"`),
    );
  });
}

const count = (what: string, list: readonly unknown[]) => (list.length > 0 ? [`${list.length} ${what}`] : []);

export const noOrphans: Invariant = {
  name: "no blob without its row, and no row without its job",
  breaches({ jobId, stored, expected }: Evidence) {
    if (jobId === undefined || expected.leaves === "deleted") return [];
    return [
      ...orphanBlobs(jobId, stored).map(
        (name) => `nothing tells of the blob ${name.slice(jobId.length + 1)}`,
      ),
      ...(stored.job ? [] : count("rows of slots without their job", stored.slots)),
      ...(stored.job ? [] : count("rows of deliveries without their job", stored.deliveries)),
    ];
  },
};

export const deletedLeavesNothing: Invariant = {
  name: "a deleted job leaves nothing",
  breaches({ jobId, stored, expected, endedAfterMs }: Evidence) {
    if (jobId === undefined || expected.leaves !== "deleted" || endedAfterMs === undefined) return [];
    return [
      ...(stored.job ? ["its row is there"] : []),
      ...count("rows of slots", stored.slots),
      ...count("rows of deliveries", stored.deliveries),
      ...count(`blobs of images (${stored.images[0] ?? ""})`, stored.images),
      ...count("blobs of inputs", stored.uploads),
    ];
  },
};
