/** Levels of the Functions host, least important first. */
export const logLevels = ["trace", "debug", "information", "warning", "error", "critical", "none"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes a message under a category such as `Function.<name>.User` or `Host.Startup`. */
export type Log = (level: LogLevel, category: string, message: string) => void;

/** The `logging.logLevel` section of host.json: category prefix to level. */
export type LogFilter = Readonly<Record<string, LogLevel>>;

/** The level a category needs at least: the longest matching prefix decides, then `default`. */
export function minimumLevel(category: string, filter: LogFilter): LogLevel {
  const matches = Object.keys(filter).filter(
    (prefix) => category === prefix || category.startsWith(`${prefix}.`),
  );
  const longest = matches.sort((a, b) => b.length - a.length)[0];
  return filter[longest ?? "default"] ?? "information";
}

/** Formats text the way the Functions tools print it: every line under the time (CT ColoredConsoleLogger.cs). */
export function formatLines(message: string, at: Date): string {
  const prefix = `[${at.toISOString()}] `;
  return message
    .split(/\r?\n/)
    .map((line) => `${prefix}${line}\n`)
    .join("");
}

/** Logs to a stream of text, dropping what the filter does not let through. */
export function createLog(write: (text: string) => void, filter: LogFilter): Log {
  // Of each category: every invocation logs, and their categories are few.
  const minimums = new Map<string, number>();
  const minimumOf = (category: string): number => {
    const known = minimums.get(category) ?? logLevels.indexOf(minimumLevel(category, filter));
    minimums.set(category, known);
    return known;
  };
  return (level, category, message) => {
    if (logLevels.indexOf(level) < minimumOf(category) || level === "none") return;
    write(formatLines(message, new Date()));
  };
}

/**
 * Writes together what one turn of the event loop logs: a pipe is written synchronously, whatever the length. What is left is
 * written when the process exits; one that is killed loses the lines of its last turn.
 */
export function gatherLines(write: (text: string) => void): (text: string) => void {
  let gathered = "";
  const flush = (): void => {
    if (gathered === "") return;
    const text = gathered;
    gathered = "";
    write(text);
  };
  process.on("exit", flush);
  return (text) => {
    if (gathered === "") setImmediate(flush);
    gathered += text;
  };
}
