import type { DurableEngine } from "./engine.ts";

/** What may be asked of a task hub. */
export const hubMethods = [
  "start",
  "getStatus",
  "list",
  "raiseEvent",
  "terminate",
  "suspend",
  "resume",
  "rewind",
  "restart",
  "purge",
  "history",
  "whenFinished",
] as const;
export type HubMethod = (typeof hubMethods)[number];

type Answer<Name extends HubMethod> = Awaited<ReturnType<DurableEngine[Name]>>;

/** A task hub that is asked over a connection: it may be in this process or in another. */
export type HubClient = {
  [Name in HubMethod]: (...args: Parameters<DurableEngine[Name]>) => Answer<Name> | Promise<Answer<Name>>;
};
