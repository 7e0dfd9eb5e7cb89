import type { ImageRejection } from "./image-inspection.ts";

/** Thrown where a reader finds what it can't accept. */
export class RejectedImage extends Error {
  readonly rejection: ImageRejection;

  constructor(code: ImageRejection["code"], message: string, allowed?: ImageRejection["allowed"]) {
    super(message);
    this.name = "RejectedImage";
    this.rejection = { code, message, ...(allowed ? { allowed } : {}) };
  }
}

export function damaged(how: string): RejectedImage {
  return new RejectedImage("invalidRequest", `is damaged: ${how}`);
}

export function cutShort(): RejectedImage {
  return new RejectedImage("invalidRequest", "is cut short");
}

/** A file that is what it says, and still of no use. */
export function unreadable(what: string, advice: string): RejectedImage {
  return new RejectedImage("unsupportedMedia", `is ${what}, which the image service can't read; ${advice}`);
}

// 50 MB of metadata in the largest segments a JPEG has are 800. A file of nothing but tiny parts would cost far more time
// than its size suggests.
const maxMessageParts = 2_000;

/** Refuses a file that is chopped into absurdly many chunks or segments. */
export function checkParts(count: number, most = maxMessageParts): void {
  if (count > most) throw damaged(`it has more than ${most} parts`);
}
