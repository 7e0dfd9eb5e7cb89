import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Child, type ChildOptions, startChild } from "./child.ts";

export interface Azurite extends Child {
  connectionString: string;
  /** Address of its blob service. */
  blobs: string;
}

export interface AzuriteOptions extends ChildOptions {
  /** More accounts, all with the key of the first. */
  accounts?: readonly string[];
  /** IPv4 address that blobs are served at, for links that other machines open; everything else stays on this one. */
  blobAddress?: string | undefined;
}

/** Azurite's first account. */
export const emulatorAccount = "devstoreaccount1";
// Published, and good on loopback only.
const accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const services = ["blob", "queue", "table"] as const;

/** Starts Azurite on free ports. With a folder, data and ports stay there, so that links survive a restart. */
export async function startAzurite(
  folder: string | undefined,
  { accounts = [], blobAddress, ...options }: AzuriteOptions = {},
): Promise<Azurite> {
  const ports = folder === undefined ? {} : await rememberedPorts(folder);
  const place = folder === undefined ? ["--inMemoryPersistence"] : ["--location", folder];
  const args = [
    // The newest clients speak versions that no Azurite knows by name; it serves them all the same.
    ...["--disableTelemetry", "--skipApiVersionCheck", "--silent", ...place],
    ...(blobAddress === undefined ? [] : ["--blobHost", blobAddress]),
    ...services.flatMap((service) => [`--${service}Port`, String(ports[service] ?? 0)]),
  ];
  // Azurite reads accounts and their keys from here alone.
  const keys = [emulatorAccount, ...accounts].map((name) => `${name}:${accountKey}`).join(";");
  const env = { ...(options.env ?? process.env), AZURITE_ACCOUNTS: keys };
  const child = await startChild("azurite-main.ts", {
    ...options,
    env,
    args: [...args, ...(options.args ?? [])],
  });
  const addresses = services.map((service) => ({ service, address: here(String(child.ready[service])) }));
  if (folder !== undefined) {
    const used = Object.fromEntries(
      addresses.map(({ service, address }) => [service, Number(new URL(address).port)]),
    );
    await writeFile(join(folder, portsFile), JSON.stringify(used));
  }
  const endpoints = addresses.map(({ service, address }) => {
    const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint`;
    return `${name}=${address}/${emulatorAccount};`;
  });
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${emulatorAccount};AccountKey=${accountKey};${endpoints.join("")}`;
  return { ...child, connectionString, blobs: here(String(child.ready["blob"])) };
}

/** At all of its addresses a machine is reached at this one, too. */
const here = (address: string) => address.replace("//0.0.0.0:", "//127.0.0.1:");

const portsFile = "ports.json";

/** Ports of the last run, those of them that are still free. */
async function rememberedPorts(folder: string): Promise<Record<string, number>> {
  const text = await readFile(join(folder, portsFile), "utf8").catch(() => "{}");
  const remembered = Object.entries(JSON.parse(text) as Record<string, number>);
  const free = await Promise.all(
    remembered.map(async ([service, port]) => [service, (await isFree(port)) ? port : 0]),
  );
  return Object.fromEntries(free) as Record<string, number>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
