import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

/**
 * Azure's own virtual address, the same in every region and cloud: DNS, DHCP and the host's agent. It is public by its
 * number, and the only one of the ranges that Azure reserves which is (learn.microsoft.com, "What is IP address
 * 168.63.129.16" and the virtual network FAQ). The metadata and identity endpoints are link-local.
 */
const azurePlatform = "168.63.129.16";

/** All that was ever given out for global use. Outside lie ::/96, an IPv4 address in disguise, and what nobody owns. */
const globalIpv6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Whether this is one machine on the public internet. Addresses that wrap or translate to IPv4 aren't, whatever is inside. */
export function isPublicAddress(text: string): boolean {
  // ipaddr.js reads octal and hexadecimal too; only the plain spellings get so far. A zone is always this machine's own.
  if (isIP(text) === 0 || text.includes("%")) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast" || text === azurePlatform) return false;
  return !(address instanceof ipaddr.IPv6) || address.match(globalIpv6);
}
