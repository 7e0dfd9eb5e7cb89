import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { dalle3Path } from "./support.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

interface Ready {
  readonly ready?: boolean;
  readonly url: string;
  readonly apiKey: string;
}

function owned<Child extends ChildProcess>(child: Child): Child {
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function settingsOf({ url }: Ready): Promise<unknown> {
  return (await fetch(`${url}/simulator/settings`)).json();
}

describe("the simulator as a process", () => {
  it("tells its parent where it listens, and ends when the parent lets go", async () => {
    const flags = ["--latency-scale", "0", "--deployment", "painter=gpt-image-2", "--entra"];
    const child = owned(fork(main, flags, { env: { ...process.env, SIMULATOR_URL_LIFE: "60" } }));
    const [message] = (await once(child, "message")) as [Ready];
    expect(message).toMatchObject({ ready: true, apiKey: expect.stringMatching(/^\w{32}$/) as string });
    expect(await settingsOf(message)).toMatchObject({
      latency_scale: 0,
      url_life_seconds: 60,
      deployments: { painter: "gpt-image-2", dalle3: "dall-e-3" },
      entra: true,
    });
    child.disconnect();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("prints where it listens, and ends on %s", async (signal) => {
    const flags = ["--api-key", "local-key", "--latency", "dall-e-3=7"];
    const child = owned(spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "inherit"] }));
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const ready = JSON.parse(line) as Ready;
    expect(ready.apiKey).toBe("local-key");
    expect(await settingsOf(ready)).toMatchObject({ latency_ms: { "dall-e-3": 7 } });
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("leaves nothing behind that keeps a process alive once it is closed", async () => {
    const script = `
      import { startSimulator } from ${JSON.stringify(new URL("simulator.ts", pathToFileURL(main)).href)};
      const { url, apiKey, close } = await startSimulator();
      const body = JSON.stringify({ prompt: "An otter [[latency=3600000]]" });
      const waiting = fetch(url + "${dalle3Path}", { method: "POST", headers: { "api-key": apiKey }, body });
      const ledger = async () => (await fetch(url + "/simulator/ledger")).json();
      while ((await ledger()).in_flight === 0);
      await Promise.all([close(), waiting.catch(() => undefined)]);
    `;
    const flags = ["--input-type=module-typescript", "--eval", script];
    const child = owned(spawn(process.execPath, flags, { stdio: ["ignore", "inherit", "inherit"] }));
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
