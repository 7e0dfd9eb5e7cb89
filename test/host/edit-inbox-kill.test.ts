import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { skipWhenAimed } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { aPicture, inboxOf, killHost, sentFiles, sha256 } from "../support/edits.ts";

skipWhenAimed("kills the host");

/** As on Azure: the host looks for no files, and what a killed one had begun stays hidden, events for ten minutes. */
const darkroom = useDarkroom({
  hidesAsShipped: true,
  settings: { LOCAL_HOST_BLOB_SCAN_MS: "0", LOCAL_HOST_VISIBILITY_SECONDS: "600" },
});

const inbox = () => inboxOf(darkroom);
const accepted = () => new Set(darkroom.log.match(/job job_\w+ accepted/g));

/** Those that are told of are so at different stages when the host is killed. */
const names = ["unannounced", "one", "two", "three", "four"];
const promptOf = (name: string) => `killed after ${name}`;

async function drop(name: string, picture: Buffer): Promise<void> {
  await inbox().drop(`${name}.png`, picture);
  await inbox().drop(`${name}.json`, JSON.stringify({ prompt: promptOf(name), image: `${name}.png` }));
  if (name === "unannounced") return;
  await inbox().notify(`${name}.json`);
  await sleep(250);
}

// How long a result may take: inboxOf waits for 90 s.
it("files that are dropped just before a kill, told of or not, are one job each, also when they are told of after all", async () => {
  const pictures = await Promise.all(names.map(async (_, at) => aPicture(60 + at)));
  for (const [at, name] of names.entries()) await drop(name, pictures[at] ?? Buffer.alloc(0));
  await killHost(darkroom);
  const results = await Promise.all(
    names.map(
      async (name) => (await inbox().result(`${name}.json`)) as Pick<Job, "id" | "status" | "repeated_calls">,
    ),
  );

  for (const name of names) await inbox().notify(`${name}.json`);
  const handled = () => darkroom.log.split("Executed 'Functions.edit-inbox-created' (Succeeded").length - 1;
  await expect.poll(handled, { timeout: 20_000 }).toBeGreaterThanOrEqual(names.length);
  // One that was recorded right before the kill may not have been logged.
  expect(accepted().size).toBeLessThanOrEqual(names.length);
  expect(new Set(results.map(({ id }) => id)).size).toBe(names.length);
  for (const [at, { status, repeated_calls = 0 }] of results.entries()) {
    const name = names[at] ?? "";
    expect([name, status]).toEqual([name, "succeeded"]);
    // A call that was cut off, or was just about to be sent, is sent again, and says so.
    const calls = await darkroom.calls(promptOf(name));
    expect(calls.length - 1).toBeLessThanOrEqual(repeated_calls);
    expect(await sentFiles(darkroom, promptOf(name))).toEqual({
      images: [sha256(pictures[at] ?? Buffer.alloc(0))],
      masks: [],
    });
  }
});
