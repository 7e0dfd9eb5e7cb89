import type { TimerHandler } from "@azure/functions";

/** One timer that does several things at once. Each is done to its end, whatever becomes of the others. */
export const allOf =
  (...handlers: readonly TimerHandler[]): TimerHandler =>
  async (timer, context) => {
    const runs = handlers.map(async (handler) => {
      await handler(timer, context);
    });
    const failed = (await Promise.allSettled(runs)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  };
