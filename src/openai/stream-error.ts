import type { Settled } from "./sorting-rules.ts";
import { sortReplyError } from "./faults.ts";

/** The old name of `sortReplyError`, for its last caller. */
export function sortStreamError(error: unknown, prompt: string, now: Date, hasBegun = false): Settled {
  return sortReplyError(error, prompt, now, { hasBegun });
}
