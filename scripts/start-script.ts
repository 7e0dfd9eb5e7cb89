/**
 * First of all in a script: `--help` prints how it is used, and whatever ends the script ends it with a sentence and a
 * non-zero exit. A stack trace tells a user nothing; `NODE_DEBUG=darkroom` shows it to anyone who mends the script.
 */
export function startScript(usage: string): void {
  if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
    console.log(usage);
    process.exit(0);
  }
  process.on("uncaughtException", (error: unknown) => {
    const isDebugged = (process.env["NODE_DEBUG"] ?? "").split(",").includes("darkroom");
    console.error(isDebugged || !(error instanceof Error) ? error : error.message);
    if (isUsageError(error)) console.error(`\n${usage}`);
    process.exit(1);
  });
}

/** Of parseArgs: an option that there isn't, or one without its value. */
function isUsageError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}
