import { spawn } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import * as z from "zod";

/** The project whose one reference pins the compiler, the package Azure.Bicep.CommandLine for this platform. */
export const compilerProject = new URL("../../infra/compiler/compiler.csproj", import.meta.url);

const platforms: Record<string, string> = { linux: "linux", darwin: "osx", win32: "win" };
/** The package of this machine, `linux-x64` for one. */
export const compilerPlatform = `${platforms[process.platform] ?? process.platform}-${process.arch}`;

export async function pinnedVersion(): Promise<string> {
  const [, version = ""] = /Version="([\d.]+)"/.exec(await readFile(compilerProject, "utf8")) ?? [];
  return version;
}

const executable = process.platform === "win32" ? "bicep.exe" : "bicep";

/** Where a compiler may be: restored from its package, on the PATH, or where `az bicep install` puts it. */
async function candidates(): Promise<string[]> {
  const packages = process.env["NUGET_PACKAGES"] ?? join(homedir(), ".nuget", "packages");
  const restored = join(
    packages,
    `azure.bicep.commandline.${compilerPlatform}`,
    await pinnedVersion(),
    "tools",
  );
  const folders = [
    restored,
    ...(process.env["PATH"] ?? "").split(delimiter),
    join(homedir(), ".azure", "bin"),
  ];
  const paths = folders.filter((folder) => folder !== "").map((folder) => join(folder, executable));
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => found[index]);
}

const position = z.object({ line: z.int(), char: z.int() });
const compileReply = z.object({
  success: z.boolean(),
  diagnostics: z.array(
    z.object({
      source: z.string(),
      range: z.object({ start: position }),
      level: z.string(),
      code: z.string(),
      message: z.string(),
    }),
  ),
});

export interface Diagnostic {
  /** Path of the file that the compiler read. */
  file: string;
  /** From 1. */
  line: number;
  level: "Error" | "Warning" | "Info";
  /** `BCP…` of the language, or the name of a lint rule. */
  code: string;
  message: string;
}

/** What stands for the place of a deployment while it is predicted. `resourceGroup` for templates of a group's scope. */
export interface Placement {
  tenantId: string;
  subscriptionId: string;
  location?: string;
  resourceGroup?: string;
}

/**
 * .NET watches what runs often in order to compile it better, which costs this compiler as much CPU as its work; and collects
 * what it has of memory to spare. Numbers are hexadecimal: what was called 4,096 times is compiled better, what is younger
 * than 256 MB isn't collected.
 */
const thrifty = {
  ...process.env,
  DOTNET_TieredPGO: "0",
  DOTNET_TC_CallCountThreshold: "1000",
  DOTNET_gcConcurrent: "0",
  DOTNET_GCgen0size: "10000000",
};

/**
 * Microsoft's compiler as one process that is asked many times, by JSON-RPC on its standard streams: started anew for every
 * template it would spend most of its time on starting.
 */
export class Compiler {
  readonly path: string;
  readonly #connection: MessageConnection;
  readonly #stop: () => void;

  private constructor(path: string) {
    this.path = path;
    const child = spawn(path, ["jsonrpc", "--stdio"], { stdio: ["pipe", "pipe", "inherit"], env: thrifty });
    this.#connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.#connection.listen();
    // A file that can't be started at all ends the connection, which rejects what was asked.
    child.on("error", () => this.#connection.dispose());
    this.#stop = () => {
      this.#connection.dispose();
      child.kill();
    };
  }

  /** The pinned compiler, wherever it is on this machine, or why there is none. */
  static async find(): Promise<Compiler | string> {
    const pinned = await pinnedVersion();
    const others: string[] = [];
    for (const path of await candidates()) {
      const compiler = new Compiler(path);
      const version = await compiler.#version().catch(() => "none that answers");
      if (version === pinned) return compiler;
      compiler.stop();
      others.push(`${path} is ${version}`);
    }
    const found = others.length > 0 ? `; ${others.join(", ")}` : "";
    return `there is no bicep ${pinned} on this machine (npm run infra -- fetch-compiler)${found}`;
  }

  async #version(): Promise<string> {
    return z.object({ version: z.string() }).parse(await this.#ask("bicep/version", {})).version;
  }

  /** What is wrong with a template and all that it is made of. */
  async compile(path: string): Promise<Diagnostic[]> {
    return diagnosticsIn(await this.#ask("bicep/compile", { path }));
  }

  /** What is wrong with a file of parameters, and with the template that it is for. */
  async compileParameters(path: string): Promise<Diagnostic[]> {
    return diagnosticsIn(await this.#ask("bicep/compileParams", { path, parameterOverrides: {} }));
  }

  /** What a file of parameters deploys: the text of `bicep snapshot`. Throws where its template doesn't build. */
  async snapshot(path: string, metadata: Placement): Promise<string> {
    const reply = await this.#ask("bicep/getSnapshot", { path, metadata });
    return z.object({ snapshot: z.string() }).parse(reply).snapshot;
  }

  #ask(method: string, parameters: object): Promise<unknown> {
    return this.#connection.sendRequest(method, parameters);
  }

  stop(): void {
    this.#stop();
  }
}

function diagnosticsIn(reply: unknown): Diagnostic[] {
  return compileReply.parse(reply).diagnostics.map(({ source, range, level, code, message }) => ({
    file: source,
    line: range.start.line + 1,
    level: z.enum(["Error", "Warning", "Info"]).parse(level),
    code,
    message,
  }));
}

/** The path that the compiler is given for a file of the repository. */
export const absolute = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
