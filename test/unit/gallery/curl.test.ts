import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { editCurl, jsonCurl } from "../../../gallery/model/curl.ts";

/** What a real shell makes of the command: its arguments, with `curl` replaced by one that shows them. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout, status } = spawnSync("sh", ["-c", script], {
    env: { DARKROOM_KEY: "the-key" },
    encoding: "utf8",
  });
  expect(status).toBe(0);
  return stdout.split("\0").slice(0, -1);
}

const hostile = 'it\'s $HOME `id` \\ "quoted"\n; rm -rf ~ #';

describe("the command", () => {
  it("says what the page sends, whatever stands in the prompt", () => {
    const body = { model: "dall-e-3", prompt: hostile };
    const [address, ...rest] = argumentsOf(jsonCurl("https://darkroom.example/api/images/generations", body));
    expect(address).toBe("https://darkroom.example/api/images/generations");
    expect(rest.slice(0, -1)).toEqual([
      "-H",
      "api-key: the-key",
      "-H",
      "content-type: application/json",
      "-d",
    ]);
    expect(JSON.parse(rest.at(-1) ?? "")).toEqual(body);
  });

  it("of an edit sends texts that are no file names, and files by name", () => {
    const body = { prompt: `@${hostile}`, n: 2, tags: ["a", "b"] };
    const command = editCurl("https://darkroom.example", body, {
      images: ['my "cat".png'],
      mask: "mask.png",
    });
    expect(argumentsOf(command).slice(3)).toEqual([
      "--form-string",
      `prompt=@${hostile}`,
      "--form-string",
      "n=2",
      "--form-string",
      "tags=a,b",
      "-F",
      'image=@"my \\"cat\\".png"',
      "-F",
      'mask=@"mask.png"',
    ]);
  });

  it("names the key and never holds it", () => {
    expect(jsonCurl("https://darkroom.example/api/images/generations", {})).toContain(
      '"api-key: $DARKROOM_KEY"',
    );
  });
});
