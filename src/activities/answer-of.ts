import type { ReceivedAnswer } from "../ports/answers.ts";
import type { ReplyItem, UpstreamReply } from "../ports/image-model.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { PendingLink, SlotRecord } from "../ports/records.ts";
import type { Receiver } from "./receive-images.ts";
import { failedSlot } from "./store-image.ts";

type ImagesReply = Extract<UpstreamReply, { kind: "images" }>;

/**
 * What a reply means for each of the slots that it was asked for. Its items come in the order of `wanted`; an item too many
 * is dropped, as is one at a position without a slot, and a missing one is a failure of its slot.
 */
export function answerOf(
  { items, usage }: ImagesReply,
  { wanted, recovered }: { wanted: readonly (number | undefined)[]; recovered: readonly SlotRecord[] },
  { ends, held }: Receiver,
  now: Date,
): ReceivedAnswer {
  const links: PendingLink[] = [];
  const failures: SlotRecord[] = [];
  for (const [position, index] of wanted.entries()) {
    if (index === undefined || [...ends, ...held].some((known) => known.index === index)) continue;
    const item: ReplyItem | undefined = items[position];
    if (item?.kind === "link") {
      const { kind: _, ...link } = item;
      links.push({ index, ...link });
    } else if (item?.kind === "lost") failures.push(failedSlot(index, item.failure));
    else failures.push(failedSlot(index, "The service returned fewer images than it was asked for."));
  }
  const known = [...recovered, ...ends, ...failures];
  return withoutAbsent({ answeredAt: now.toISOString(), ends: known, held, links, usage });
}
