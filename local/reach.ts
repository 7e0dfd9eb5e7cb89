import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/** How other machines reach what runs here. */
export interface Reach {
  /** What is listened at: 0.0.0.0 for all addresses of this machine. */
  address: string;
  /** What links begin with: a name or an address that leads here from others. */
  name: string;
}

/** By the address to listen at, and the name that callers use where one is configured. Undefined for what is no IPv4 address. */
export function readReach(address: string, publicOrigin: string | undefined): Reach | undefined {
  if (!isIPv4(address)) return undefined;
  const given =
    publicOrigin !== undefined && URL.canParse(publicOrigin) ? new URL(publicOrigin).hostname : "";
  return { address, name: given || (address === "0.0.0.0" ? ownAddress() : address) };
}

/** The first address of this machine that others may know; its own alone where there is none. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
