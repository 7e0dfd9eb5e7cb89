import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compilerPlatform, compilerProject } from "./compiler.ts";

/**
 * Has the .NET SDK restore the compiler's package into its own cache, where `Compiler.find` looks. Throws what the SDK said,
 * or that there is none.
 */
export async function fetchCompiler(): Promise<void> {
  // A folder of its own: restoring leaves files beside the project.
  const folder = await mkdtemp(join(tmpdir(), "darkroom-compiler-"));
  try {
    const project = join(folder, "compiler.csproj");
    await copyFile(compilerProject, project);
    const words = ["restore", project, `-p:BicepPlatform=${compilerPlatform}`];
    // Where nothing can be reached, it would try for minutes.
    await promisify(execFile)("dotnet", words, { timeout: 120_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
