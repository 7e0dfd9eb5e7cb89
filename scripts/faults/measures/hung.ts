import { setTimeout as sleep } from "node:timers/promises";
import { type Report, tableOf } from "../report.ts";
import { ledgerOf } from "../run/gather.ts";
import { startStack } from "../stack/stack.ts";
import { post, timed } from "./post.ts";

const hungCalls = 40;
const rounds = 3;
const maxRatio = 1.5;

/** Calls to one deployment that never answer, and what they do to a job on another: its time, against its time alone. */
export async function runHung(app: string | undefined, report: Report): Promise<void> {
  const stack = await startStack({ app, deadlineSeconds: 600, isDirect: true });
  try {
    const other = { model: "dall-e-3", prompt: "A calm sea [[image-size=64x64]]" };
    const times = async () => {
      const all: number[] = [];
      for (let round = 0; round < rounds; round += 1) all.push(await timed(stack, other));
      return median(all);
    };
    // What is loaded on first use must not count.
    await timed(stack, other);
    const alone = await times();
    const prompt = "A sea that never comes [[stall=arrival]]";
    for (let call = 0; call < hungCalls; call += 1) await post(stack, { model: "gpt-image-1", prompt });
    // As many as the app lets through at once are on their way by then.
    for (
      let before = -1, now = 0;
      now > before;
      before = now, now = (await ledgerOf(stack, "never%20comes")).length
    )
      await sleep(2_000);
    const beside = await times();
    const ratio = beside / alone;
    const cells = [
      String(hungCalls),
      `${Math.round(alone)} ms`,
      `${Math.round(beside)} ms`,
      ratio.toFixed(2),
    ];
    console.log(tableOf(["hung calls", "another model's job alone", "beside them", "ratio"], [cells]));
    if (ratio > maxRatio)
      report.addEndState("hung calls", [
        {
          invariant: "a deployment that hangs holds up only its own calls",
          how: `another model's job took ${ratio.toFixed(2)} times as long, not ${maxRatio}`,
        },
      ]);
  } finally {
    await stack.stop();
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
