/**
 * Azurite, Microsoft's storage emulator, as a child that reports its addresses over IPC and never outlives its parent.
 * All arguments are Azurite's own; ports may be 0. Its address lines are the only report it makes.
 */
const addresses: Record<string, string> = {};
const log = console.log.bind(console);

console.log = (...parts: unknown[]) => {
  const [, service, address] =
    /Azurite (\w+) service is successfully listening at (\S+)/.exec(parts.join(" ")) ?? [];
  if (service !== undefined && address !== undefined) addresses[service.toLowerCase()] = address;
  log(...parts);
  if (Object.keys(addresses).length < 3) return;
  // Reported once: later lines come when nobody may be listening any more.
  console.log = log;
  process.send?.({ ready: true, ...addresses });
};
// A parent that is gone reads no more; its broken pipe must not keep the tables from being written.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
// Azurite's own way out writes them to disk: what was answered must be there after the next start.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Once Azurite has closed its servers, listening for the parent must not keep the process alive.
process.channel?.unref();

/**
 * Azurite sums up each block that it is given, in JavaScript and byte by byte, for a header of its answer that no client of ours
 * reads: of a large picture that takes longer than all the rest. A sum that the request names is still compared.
 */
type Checksums = (stream: unknown, expected: object, force?: { md5?: boolean; crc64?: boolean }) => unknown;
const utils: string = "azurite/dist/src/common/utils/utils.js";
const { default: sums } = (await import(utils)) as { default: { computeTransactionalChecksums: Checksums } };
const compute = sums.computeTransactionalChecksums;
sums.computeTransactionalChecksums = (stream, expected, force) =>
  compute(stream, expected, { ...force, crc64: false });

// It has no types of its own, and is run for its effect alone.
const azurite: string = "azurite/dist/src/azurite.js";
await import(azurite);
