/**
 * An id is `job_` (`upl_` for an upload, `bat_` for a batch) + 10 characters of inverted time + 12 of the caller's tag + 10 of chance, in Crockford's base 32.
 *
 * Inverted time makes newer ids sort first. The tag lets a job be found by its id alone (it is the table's partition)
 * and shows at once whether it belongs to the one who asks. The last part is chance.
 */
const prefixes = { job: "job_", upload: "upl_", batch: "bat_" } as const;
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const pattern = /^(?:job|upl|bat)_[0-9a-hjkmnp-tv-z]{32}$/;
const timeCharacters = 10;
const tagCharacters = 12;
const chanceCharacters = 10;
const latest = 2 ** 50 - 1;

export type IdKind = keyof typeof prefixes;

/**
 * @param callerHash at least 8 bytes of a hash of the caller's identity
 * @param chance at least 7 bytes
 */
export function makeId(kind: IdKind, epochMs: number, callerHash: Uint8Array, chance: Uint8Array): string {
  const time = encodeNumber(latest - epochMs, timeCharacters);
  return `${prefixes[kind]}${time}${callerTag(callerHash)}${encodeBytes(chance, chanceCharacters)}`;
}

/** Sorts after the ids of all jobs that were made later than the given time, and before those of earlier ones. */
export function idAt(kind: IdKind, epochMs: number): string {
  return prefixes[kind] + encodeNumber(latest - epochMs, timeCharacters);
}

export function callerTag(callerHash: Uint8Array): string {
  return encodeBytes(callerHash, tagCharacters);
}

/** The tag inside an id, or undefined when the text is no job id: a caller's path segment may be anything. */
export function tagOfId(kind: IdKind, id: string): string | undefined {
  if (!pattern.test(id) || !id.startsWith(prefixes[kind])) return undefined;
  return id.slice(4 + timeCharacters, 4 + timeCharacters + tagCharacters);
}

/** The tag inside an id that was checked where it came in. Throws a TypeError for any other text. */
export function ownerTag(kind: IdKind, id: string): string {
  const tag = tagOfId(kind, id);
  if (tag === undefined) throw new TypeError(`That is no id of a ${kind}.`);
  return tag;
}

function encodeNumber(value: number, characters: number): string {
  let text = "";
  for (let rest = value; text.length < characters; rest = Math.floor(rest / 32)) {
    text = (alphabet[rest % 32] ?? "") + text;
  }
  return text;
}

function encodeBytes(bytes: Uint8Array, characters: number): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5 && text.length < characters; bits -= 5) {
      text += alphabet[(buffer >> (bits - 5)) & 31] ?? "";
    }
    buffer &= (1 << bits) - 1;
  }
  if (text.length < characters)
    throw new RangeError(`${characters} characters need more bytes than ${bytes.length}.`);
  return text;
}
