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
  if (Object.keys(addresses).length === 3) process.send?.({ ready: true, ...addresses });
  log(...parts);
};
// Its own way out, which writes its tables to disk: what was answered must be there after the next start.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Once Azurite has closed its servers, listening for the parent must not keep the process alive.
process.channel?.unref();

// It has no types of its own, and is run for its effect alone.
const azurite: string = "azurite/dist/src/azurite.js";
await import(azurite);
