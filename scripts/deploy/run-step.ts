import { attempt, type Azure, azureOf } from "./azure.ts";
import { type Place, readPlace, Stopped } from "./place.ts";

/** Says in a line what was done. */
export type Report = (line: string) => void;

/** Runs one of azd's steps for the place that the environment tells. What stops it is one sentence, and exit code 1. */
export async function runStep(
  hook: "provision" | "deploy",
  step: (azure: Azure, place: Place, report: Report) => Promise<void>,
): Promise<void> {
  try {
    const place = readPlace(process.env, hook);
    console.log(`Darkroom, after azd ${hook}, for ${place.app}:`);
    const azure = azureOf(place.subscription);
    await attempt("Asking who you are", "run `az login`, and then this again.", () =>
      azure("account", "show"),
    );
    await step(azure, place, (line) => console.log(`  ${line}`));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
