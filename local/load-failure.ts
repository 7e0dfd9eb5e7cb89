/** Listens to what the host prints for signs that the app could not be loaded: it runs on, with nothing to answer for. */
export class LoadFailureWatch {
  readonly #lines: string[] = [];
  #rest = "";

  /** Whether this was the first sign. What belongs to it may be yet to come. */
  hear(text: string): boolean {
    const before = this.#isSeen();
    const lines = `${this.#rest}${text}`.split(/\r?\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines.map(withoutTime)) {
      if (this.#isSeen() || thrown.test(line) || line.startsWith(nothingFound)) this.#lines.push(line);
    }
    return !before && this.#isSeen();
  }

  /** What was wrong: the app's own words with the list behind them, wherever it said any. */
  get reason(): string {
    const at = this.#lines.findIndex((line) => thrown.test(line));
    const [first = "", ...more] = at < 0 ? [] : this.#lines.slice(at);
    const end = more.findIndex((line) => !line.startsWith("- "));
    const list = end < 0 ? more : more.slice(0, end);
    const said = thrown.exec(first)?.[1] ?? "The host has found no function in the app; the log tells why.";
    return [said, ...list.map((line) => `  ${line}`)].join("\n");
  }

  #isSeen(): boolean {
    return this.#lines.length > 0;
  }
}

// The Node worker says so where the app throws as it is loaded (WRK startApp.ts), and the host where it is left with nothing.
const thrown = /Worker was unable to load entry point "[^"]*": (.*)$/;
const nothingFound = "No job functions found.";

/** A line as it was logged: Core Tools put the time before each, the bare host a margin. */
function withoutTime(line: string): string {
  return line.replace(/^\[\d{4}-[^\]]*\]/, "").trim();
}
