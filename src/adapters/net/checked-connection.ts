import { isIP, type Socket } from "node:net";
import { lookup } from "node:dns/promises";
import { buildConnector } from "undici";
import { AppError } from "../../domain/app-error.ts";
import { checkWebAddress, ForbiddenAddress } from "../../domain/web-address.ts";
import { isPublicAddress } from "./public-address.ts";

/** All addresses of a host name, in the order in which they are to be tried. */
export type Resolve = (host: string) => Promise<readonly string[]>;
export type Connect = buildConnector.connector;

export interface CheckedConnectionOptions {
  /** Origins that are connected to whatever their address is. */
  allowlist: readonly string[];
  /** What is asked of an address before its host is looked up: the rules for callers' addresses by default. */
  check?: (address: string, allowlist: readonly string[]) => URL;
  resolve?: Resolve;
  /** Opens the socket: TCP, and TLS where the protocol says so. */
  connect?: Connect;
}

const maxAddressesTried = 3;
const connectMs = 3_000;

/**
 * A connector for undici that opens sockets to public addresses only. It looks the host up itself, checks every answer,
 * and connects to the address that was checked: asked again, a hostile name server would answer something else. TLS
 * still verifies the name. An address that must not be connected to is a ForbiddenAddress. Errors complete a sentence that begins with the field's name.
 */
export function checkedConnector({
  allowlist,
  check = checkWebAddress,
  resolve = systemResolve,
  connect = openSocket,
}: CheckedConnectionOptions): Connect {
  async function open(target: buildConnector.Options): Promise<Socket> {
    const url = check(`${target.protocol}//${target.host ?? ""}`, allowlist);
    if (allowlist.includes(url.origin)) return settle(connect, [target]);
    const addresses = await publicAddresses(url.hostname, resolve);
    return settle(
      connect,
      addresses
        .slice(0, maxAddressesTried)
        .map((address) => ({ ...target, hostname: address, ...serverName(url.hostname) })),
    );
  }

  return (target, callback) => {
    open(target).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

/** The checks of a connection without the connection: throws what an attempt to connect now would throw at once. */
export async function checkAddress(
  address: string,
  { allowlist, resolve = systemResolve }: CheckedConnectionOptions,
): Promise<URL> {
  const url = checkWebAddress(address, allowlist);
  if (!allowlist.includes(url.origin)) await publicAddresses(url.hostname, resolve);
  return url;
}

/** One forbidden address spoils the name: an honest host has none, and another look-up might have begun with it. */
async function publicAddresses(host: string, resolve: Resolve): Promise<readonly string[]> {
  const number = host.replace(/^\[|\]$/g, "");
  const addresses = isIP(number) === 0 ? await resolve(host).catch(() => []) : [number];
  if (addresses.length === 0) throw refusal("names a host that can't be found.");
  if (!addresses.every(isPublicAddress)) {
    throw new ForbiddenAddress("leads to an address that isn't public; only public hosts are connected to.");
  }
  return addresses;
}

/** What TLS verifies. It knows no names of digits (RFC 6066, 3): those are verified as the address that they are. */
function serverName(host: string): { servername?: string } {
  return host.startsWith("[") || isIP(host) !== 0 ? {} : { servername: host };
}

/** The first socket that opens. */
async function settle(connect: Connect, targets: readonly buildConnector.Options[]): Promise<Socket> {
  let last: unknown;
  for (const target of targets) {
    try {
      return await new Promise((resolve, reject) => {
        connect(target, (error, socket) => (error ? reject(error) : resolve(socket)));
      });
    } catch (error) {
      last = error;
    }
  }
  throw refusal(
    isTlsError(last)
      ? "names a host that has no valid certificate for that name."
      : "names a host that can't be reached.",
  );
}

// IPv4 first: Azure Functions has no IPv6 on its way out.
const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: "ipv4first" });
  return found.map(({ address }) => address);
};

// Made when first used, so that undici is loaded then. No sessions are kept: each certificate is verified anew.
const openSocket: Connect = (target, callback) =>
  buildConnector({ maxCachedSessions: 0, timeout: connectMs })(target, callback);

/** OpenSSL's verdicts on certificates have names of their own (node:tls, "X509 certificate error codes"). */
function isTlsError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(ERR_(TLS|SSL)_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|HOSTNAME_)/.test(
    code,
  );
}

function refusal(message: string): AppError {
  return new AppError("invalidRequest", message);
}
