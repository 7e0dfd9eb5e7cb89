import { AppError } from "./app-error.ts";

const maxAddressLength = 2_048;
// Signed links carry tokens; none that a storage service makes comes near this.
const maxLinkLength = 16_384;

/** Last labels of names that mean something inside one network only, or nothing at all. */
const privateEnds = new Set([
  ...["localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan"],
  ...["arpa", "test", "invalid", "onion"],
]);

/** An address that isn't fetched, whatever answers there. Its text completes a sentence and never repeats the address. */
export class ForbiddenAddress extends AppError {
  constructor(message: string) {
    super("invalidRequest", message);
  }
}

/**
 * Reads an address that a caller gave, and refuses what needs no look-up to be refused. The parser of the URL standard
 * is the only reader: it turns 0x7f.1, 2130706433, full-width digits and their kin into the one spelling that is judged
 * here and connected to. Errors never repeat the address: userinfo and query may be secrets.
 *
 * An origin on the allow-list is exempt from the rules about scheme, port and host, and from no other.
 */
export function checkWebAddress(text: string, allowlist: readonly string[]): URL {
  if (text.length > maxAddressLength) throw refusal(`must have at most ${maxAddressLength} characters.`);
  if (!URL.canParse(text)) throw refusal("must be a whole web address that begins with https://.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw refusal("must hold no user name or password.");
  if (isListed(url, allowlist)) return url;
  if (url.protocol !== "https:") throw refusal("must begin with https://.");
  if (url.port !== "") throw refusal("must use port 443, the usual one.");
  if (isLiteral(url.hostname)) throw refusal("must name its host: IP addresses aren't connected to.");
  if (!isPublicName(url.hostname)) throw refusal("must name a public host, such as pictures.example.com.");
  return url;
}

/**
 * Reads a link that an image service answered with. Services and their gateways serve pictures over http, on odd ports and
 * at bare IP numbers, so only what can't be public is refused here; every number is judged once more when it is connected
 * to. A trusted origin is exempt from the rule about hosts. Throws a ForbiddenAddress.
 */
export function checkLink(text: string, trusted: readonly string[]): URL {
  if (text.length > maxLinkLength) throw refusal(`has more than ${maxLinkLength} characters.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw refusal("is no web address.");
  if (url.username !== "" || url.password !== "") throw refusal("holds a user name or password.");
  if (isListed(url, trusted) || isLiteral(url.hostname) || isPublicName(url.hostname)) return url;
  throw refusal("names a host that isn't public.");
}

/** The origin of blob:https://host/… is that of its inner address. */
function isListed({ protocol, origin }: URL, allowlist: readonly string[]): boolean {
  return /^https?:$/.test(protocol) && allowlist.includes(origin);
}

/** The parser reads every host that ends in a number as IPv4, so that digits and dots are all that is left of it. */
function isLiteral(host: string): boolean {
  return host.startsWith("[") || /^[\d.]+$/.test(host);
}

function isPublicName(host: string): boolean {
  const end = /^(?:[a-z0-9_-]+\.)+([a-z][a-z0-9-]*)$/.exec(host)?.[1];
  return end !== undefined && !privateEnds.has(end);
}

function refusal(message: string): ForbiddenAddress {
  return new ForbiddenAddress(message);
}
