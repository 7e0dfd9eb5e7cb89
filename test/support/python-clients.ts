import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** OpenAI's client for Python, where a Python with the package `openai` is. */

const run = promisify(execFile);
const program = fileURLToPath(new URL("../fixtures/python-clients/client.py", import.meta.url));
// Nothing is written beside the program.
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };

/** What one run of the client is to do; `file` is what an edit starts from. */
export interface PythonCall {
  client: "OpenAI" | "AzureOpenAI";
  url: string;
  key: string;
  model: string;
  what: "generate" | "edit";
  prompt: string;
  file: string;
}

/** The command of the first Python that has the package; undefined where none has it. */
export async function findPython(): Promise<string | undefined> {
  for (const python of ["python3", "python"]) {
    try {
      await run(python, ["-c", "from openai import AzureOpenAI, OpenAI"], { env });
      return python;
    } catch {
      // No such command, or it lacks the package.
      continue;
    }
  }
  return undefined;
}

/** What the client prints: the SHA-256 of its picture, or the status, class and code of the error that its user sees. */
export async function runPythonClient(
  python: string,
  { client, url, key, model, what, prompt, file }: PythonCall,
): Promise<string> {
  return (await run(python, [program, client, url, key, model, what, prompt, file], { env })).stdout.trim();
}
