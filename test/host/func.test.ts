import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { installFunc } from "../support/fake-func.ts";
import { runSuite } from "../support/inner-suite.ts";

/** This tier on Microsoft's host, which it starts for each file: `DARKROOM_HOST=func npm run test:host`. */

skipUnlessEmbedded("starts a suite of its own");

const hostMain = fileURLToPath(new URL("../../packages/functions-host/src/main.ts", import.meta.url));
// As Core Tools, but that the host behind it is the embedded one, with a key that is known and no eye on containers.
const func = `
const { spawn } = require("node:child_process");
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const port = process.argv[process.argv.indexOf("--port") + 1];
const data = process.env.FAKE_FUNC_DATA + "/" + port;
appendFileSync(process.env.FAKE_FUNC_DATA + "/starts", port + " " + process.cwd() + "\\n");
mkdirSync(data, { recursive: true });
const keys = { master: "master", host: "host", system: { durabletask_extension: "durable", blobs_extension: "blobs" } };
writeFileSync(data + "/keys.json", JSON.stringify(keys));
const host = spawn(process.execPath, [${JSON.stringify(hostMain)}, "--app", ".", "--port", port, "--data", data], {
  stdio: "inherit",
  env: { ...process.env, LOCAL_HOST_BLOB_SCAN_MS: "3600000" },
});
host.on("exit", (code) => process.exit(code ?? 1));
`;

const isWindows = process.platform === "win32";
const unlessWindows = isWindows
  ? " (SKIPPED: the func of this test is a script, which Windows doesn't run)"
  : "";

it.skipIf(isWindows)(
  `starts func for each file and again after a kill, plays the events it lacks, and skips aloud what it can't show${unlessWindows}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "darkroom-func-"));
    try {
      const { code, output } = await runSuite(
        ["edits", "edit-inbox-events", "parallelism", "several-instances", "bench"],
        {
          PATH: [installFunc(folder, func), process.env["PATH"]].join(delimiter),
          FAKE_FUNC_DATA: folder,
          DARKROOM_HOST: "func",
          DARKROOM_MASTER_KEY: "master",
        },
        "as soon as it was accepted is made|five times at once is one job|are asked for all at once|all end where one|npm run bench",
      );
      expect(output).toMatch(/On Microsoft's host: 3 passed, \d+ skipped\./);
      expect(output).toContain("needs several instances");
      expect(output).toContain("starts stacks of its own");
      expect(code, output).toBe(0);
      const starts = readFileSync(join(folder, "starts"), "utf8").trim().split("\n");
      // A stack each of the edits' and the inbox's file, two of the other; the one that was killed keeps its port.
      const again = [...Map.groupBy(starts, (line) => line).values()].filter(({ length }) => length > 1);
      expect([new Set(starts).size, again.length]).toEqual([4, 1]);
      const app = process.env["DARKROOM_APP"] ?? "";
      expect(starts.filter((line) => !line.endsWith(` ${app}`))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
