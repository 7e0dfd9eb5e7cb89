import spawn from "cross-spawn";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aPicture, sentFiles, sha256 } from "../support/edits.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

/** The examples for phones, compiled where there is a compiler, and run against the app as a phone would. */

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const sources = { swift: example("swift/Darkroom.swift"), kotlin: example("kotlin/Darkroom.kt") };
const androidJson = process.env["ANDROID_JSON"] ?? "/usr/share/java/com.android.json.jar";
const isFound = (command: string) => spawn.sync(command, ["-version"]).status === 0;
const hasSwift = isFound("swiftc");
const hasKotlin = isFound("kotlinc") && existsSync(androidJson);
const missing = [...(hasSwift ? [] : ["Swift"]), ...(hasKotlin ? [] : ["Kotlin"])];
if (missing.length > 0)
  process.stderr.write(
    `\n!!! The examples are NOT COMPILED here for want of a compiler: ${missing.join(", ")}.\n\n`,
  );

const darkroom = useSharedDarkroom();
const folder = mkdtempSync(join(tmpdir(), "darkroom-examples-"));
beforeAll(async () => writeFileSync(join(folder, "photo.png"), await aPicture(60)));
afterAll(() => rmSync(folder, { recursive: true }));

function compile(command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawn.sync(command, args, { cwd: folder, encoding: "utf8" });
  expect(status, stdout + stderr).toBe(0);
}

/** The arguments of the compiled program, and what it must have done. */
async function edits(command: string, args: string[], prompt: string): Promise<void> {
  const reply = await darkroom.postJson("/api/tokens", { subject: "a-phone" });
  const { token } = (await reply.json()) as { token: string };
  const own = [darkroom.running.url, token, prompt];
  const { stdout } = await promisify(execFile)(command, [...args, ...own], { cwd: folder });
  const [link = ""] = stdout.trim().split("\n").slice(-1);
  expect((await fetch(link)).headers.get("content-type")).toBe("image/png");
  expect((await sentFiles(darkroom, prompt)).images).toEqual([sha256(await aPicture(60))]);
}

it.each(Object.values(sources))("%s has at most 80 lines", (file) => {
  expect(readFileSync(file, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(80);
});

describe.skipIf(!hasKotlin)("the example in Kotlin", () => {
  it("edits a photo and watches it to its end", async () => {
    writeFileSync(
      join(folder, "main.kt"),
      `import darkroom.Darkroom
       fun main(args: Array<String>) {
         val darkroom = Darkroom(args[0]) { args[1] }
         val id = darkroom.edit(java.io.File("photo.png").readBytes(), args[2])
         val job = darkroom.ended(id) { println(it.getString("status")) }
         println(job.getJSONArray("images").getJSONObject(0).getString("url"))
       }`,
    );
    compile(
      "kotlinc",
      sources.kotlin,
      "main.kt",
      "-cp",
      androidJson,
      "-include-runtime",
      "-d",
      "example.jar",
    );
    await edits("java", ["-cp", ["example.jar", androidJson].join(delimiter), "MainKt"], "a Kotlin balloon");
  });
});

describe.skipIf(!hasSwift)("the example in Swift", () => {
  it("edits a photo and watches it to its end", async () => {
    writeFileSync(
      join(folder, "main.swift"),
      `import Foundation
       let args = CommandLine.arguments
       let token = args[2]
       let darkroom = Darkroom(url: URL(string: args[1])!, token: { token })
       let photo = try Data(contentsOf: URL(fileURLWithPath: "photo.png"))
       let started = try await darkroom.edit(photo: photo, prompt: args[3])
       let job = try await darkroom.ended(started.id) { print($0.status) }
       print(job.images[0].url)`,
    );
    compile("swiftc", sources.swift, "main.swift", "-o", "example");
    await edits(join(folder, "example"), [], "a Swift balloon");
  });
});
