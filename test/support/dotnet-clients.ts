import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The official .NET clients by NuGet, where the .NET SDK and NuGet are. */

const run = promisify(execFile);
const source = new URL("../fixtures/dotnet-clients/", import.meta.url).pathname;
// Nothing stays behind that would build the next time faster.
const building = ["-nodeReuse:false", "-p:UseSharedCompilation=false", "--verbosity", "quiet"];
const env = {
  ...process.env,
  DOTNET_CLI_TELEMETRY_OPTOUT: "1",
  DOTNET_NOLOGO: "1",
  MSBUILDDISABLENODEREUSE: "1",
};

export const dotnetClients = ["OpenAI", "Azure"] as const;
export type DotnetClient = (typeof dotnetClients)[number];

/** What one run of a client is to do; `file` is what an edit starts from. */
export interface DotnetCall {
  url: string;
  key: string;
  model: string;
  what: "generate" | "edit";
  prompt: string;
  file: string;
}

/** Builds the clients below a folder, one after the other. Returns why they can't be built here, if they can't. */
export async function buildDotnetClients(folder: string): Promise<string | undefined> {
  for (const client of dotnetClients) {
    const cwd = join(folder, client);
    await cp(source, cwd, { recursive: true });
    const dotnet = async (verb: string, ...args: string[]) =>
      run("dotnet", [verb, ...building, `-p:Client=${client}`, ...args], { cwd, env });
    try {
      await dotnet("restore");
    } catch (error) {
      const [reason = ""] = error instanceof Error ? error.message.split("\n") : [];
      return `needs the .NET SDK and NuGet: ${reason}`;
    }
    await dotnet("build", "--no-restore", "-o", join(cwd, "out"));
  }
  return undefined;
}

/** What the client prints: the SHA-256 of its picture, or the error that its user sees. */
export async function runDotnetClient(
  folder: string,
  client: DotnetClient,
  { url, key, model, what, prompt, file }: DotnetCall,
): Promise<string> {
  const program = join(folder, client, "out", "clients.dll");
  return (await run("dotnet", [program, url, key, model, what, prompt, file], { env })).stdout.trim();
}
