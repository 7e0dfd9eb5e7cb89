import type { Darkroom } from "../../local/darkroom.ts";

/** What the simulated service was asked with a prompt, and what it bills for that. */
export async function ledgerOf(
  { simulator = "" }: Darkroom,
  prompt: string,
): Promise<{ calls: number; billed: number }> {
  const reply = await fetch(`${simulator}/simulator/ledger?prompt=${encodeURIComponent(prompt)}`);
  const { calls } = (await reply.json()) as { calls: { prompt?: string; images_billed: number }[] };
  const own = calls.filter((call) => call.prompt === prompt);
  return { calls: own.length, billed: own.reduce((sum, call) => sum + call.images_billed, 0) };
}
