import type { Callbacks } from "../ports/deliveries.ts";
import { withParamName } from "../domain/param-error.ts";

/** Throws `invalidRequest` for an address that may not be called: better now than at the end of a job that was paid for. */
export async function checkCallback({ callbacks }: { callbacks: Callbacks }, url: string): Promise<void> {
  try {
    await callbacks.check(url);
  } catch (error) {
    throw withParamName("callbackUrl", error);
  }
}
