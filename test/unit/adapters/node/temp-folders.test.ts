import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTempFolder, removeStaleTempFolders } from "../../../../src/adapters/node/temp-folders.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "temp-folders-test-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function leave(name: string, ageHours = 0): Promise<void> {
  await mkdir(join(directory, name));
  await writeFile(join(directory, name, "image-0.png"), "left behind");
  const then = new Date(Date.now() - ageHours * 60 * 60_000);
  await utimes(join(directory, name), then, then);
}

async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

async function remaining(): Promise<string[]> {
  await removeStaleTempFolders(directory, ["a-", "b-"]);
  return readdir(directory);
}

describe("a folder of a process", () => {
  it("is for this user alone, and stays while its process is alive, however old", async () => {
    const folder = await makeTempFolder(directory, "a-");
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await utimes(folder, 0, 0);
    // Where the system tells no start times, a day decides.
    const kept = process.platform === "linux" ? [basename(folder)] : [];
    expect(await remaining()).toEqual(kept);
  });

  it.each(["a-", "b-"])("that is gone is removed at once, by the prefix %s", async (prefix) => {
    await leave(`${prefix}${await pidOfTheDead()}-1-x`);
    expect(await remaining()).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("whose id another process has by now is removed", async () => {
    await leave(`a-${process.pid}-1-x`);
    expect(await remaining()).toEqual([]);
  });

  it("that can't be told is removed after a day", async () => {
    for (const [name, hours] of [
      ["a-old", 25],
      ["a-young", 23],
      [`b-${process.pid}-0-old`, 25],
      [`b-${process.pid}-0-young`, 23],
    ] as const)
      await leave(name, hours);
    expect(await remaining()).toEqual(["a-young", `b-${process.pid}-0-young`]);
  });

  it("of another program stays, and so does a file", async () => {
    await leave("c-old", 25);
    await writeFile(join(directory, "a-1-1-file"), "");
    expect(await remaining()).toEqual(["a-1-1-file", "c-old"]);
  });
});

it("a temporary folder that isn't there is no fault", async () => {
  await expect(removeStaleTempFolders(join(directory, "none"), ["a-"])).resolves.toBeUndefined();
});
