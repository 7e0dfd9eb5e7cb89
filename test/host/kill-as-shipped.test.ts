import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { skipWhenAimed } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { killHost } from "../support/edits.ts";

skipWhenAimed("kills the host");

const darkroom = useDarkroom({ hidesAsShipped: true });

const requests = [
  { model: "dall-e-3", n: 2, size: "1024x1024" },
  { model: "gpt-image-1", n: 2, size: "1024x1024" },
  { model: "dall-e-2", n: 1, size: "256x256" },
];

// The tier's time-out is the limit: with the extension's own five minutes this would take longer.
it("with the settings that are shipped, a killed host's jobs end a minute later, and others don't wait", async () => {
  const jobs = await Promise.all(
    requests.map((imageParams) =>
      darkroom.accept({ ...imageParams, prompt: `as shipped ${imageParams.model} [[latency=20000]]` }),
    ),
  );
  while ((await darkroom.calls("as shipped")).length < 4) await sleep(50);
  await killHost(darkroom);
  // What comes after the crash waits for nothing; what was under way waits, as on Azure.
  const later = await darkroom.run({ model: "gpt-image-1", size: "1024x1024", prompt: "right after" });
  expect(later.status).toBe("succeeded");
  for (const { id } of jobs.slice(0, 2)) expect((await darkroom.job(id)).status).toBe("running");
  for (const { id } of jobs)
    expect(await darkroom.ended(id)).toMatchObject({ status: "succeeded", failures: [] });
});
