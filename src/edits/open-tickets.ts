import { AppError } from "../domain/app-error.ts";
import type { Clock } from "../ports/clock.ts";
import type { OpenTicket, TicketStore, UploadStore } from "../ports/inputs.ts";
import { widestLimits } from "./receive-input.ts";

/** Tickets of one caller that may be open at once. A phone needs one for each picture, and they last a quarter of an hour. */
export const maxOpenTickets = 100;
const lookedAtOnce = 16;

interface Dependencies {
  clock: Clock;
  ticketStore: TicketStore;
  uploads: UploadStore;
}

/**
 * Counts a caller's new tickets among the open ones: those that haven't expired and whose upload hasn't arrived. They are
 * recorded before they are counted, so that requests of the same moment see each other. Throws `throttled`, and takes them
 * back, when there are too many.
 */
export async function openTickets(
  { clock, ticketStore, uploads }: Dependencies,
  callerTag: string,
  fresh: readonly OpenTicket[],
): Promise<void> {
  await ticketStore.add(callerTag, fresh);
  const now = clock.now();
  const all = await ticketStore.list(callerTag);
  const closed = all.filter(({ expiresAt }) => expiresAt <= now);
  let open = all.filter(({ expiresAt }) => expiresAt > now);
  if (open.length > maxOpenTickets) {
    const own = new Set(fresh.map(({ uploadId }) => uploadId));
    const arrived = await arrivedOf(
      uploads,
      open.filter(({ uploadId }) => !own.has(uploadId)),
    );
    closed.push(...arrived);
    open = open.filter((ticket) => !arrived.includes(ticket));
  }
  if (closed.length > 0) await ticketStore.remove(callerTag, closed);
  if (open.length <= maxOpenTickets) return;
  await ticketStore.remove(callerTag, fresh);
  const nextEnd = Math.min(...open.map(({ expiresAt }) => expiresAt.getTime()));
  throw new AppError(
    "throttled",
    `At most ${maxOpenTickets} uploads may be open at once: upload to the links you have, or let them expire.`,
    { retryAfterSeconds: Math.max(1, Math.ceil((nextEnd - now.getTime()) / 1_000)) },
  );
}

/** Those whose upload is there. One that is larger than any model takes is removed at this first sight. */
async function arrivedOf(uploads: UploadStore, tickets: readonly OpenTicket[]): Promise<OpenTicket[]> {
  const arrived: OpenTicket[] = [];
  for (let at = 0; at < tickets.length; at += lookedAtOnce) {
    const some = tickets.slice(at, at + lookedAtOnce);
    const found = await Promise.all(
      some.map(async ({ uploadId: blob }) => {
        const facts = await uploads.find({ container: "uploads", blob });
        if (facts && facts.bytes > widestLimits.maximumBytes) await uploads.remove(blob);
        return facts !== undefined;
      }),
    );
    arrived.push(...some.filter((_, index) => found[index]));
  }
  return arrived;
}
