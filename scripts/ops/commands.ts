/** What operators can ask for, and the request that each becomes. */

export interface OpsOptions {
  caller?: string | undefined;
  status?: string | undefined;
  limit?: string | undefined;
  cursor?: string | undefined;
  scopes?: string | undefined;
  expires?: string | undefined;
  jobs?: string | undefined;
  minute?: string | undefined;
  budget?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface OpsRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: object;
}

export interface OpsCommand {
  /** The words that follow `ops`; those in capitals are given by the operator. */
  words: string[];
  does: string;
  options?: (keyof OpsOptions)[];
  request: (given: string[], options: OpsOptions) => OpsRequest;
}

export const commands: OpsCommand[] = [
  {
    words: ["jobs", "list"],
    does: "jobs of all callers, or of one",
    options: ["caller", "status", "limit", "cursor"],
    request: (_, { caller, status, limit, cursor }) => ({
      method: "GET",
      path: `jobs${queryOf({ caller, status, limit, cursor })}`,
    }),
  },
  {
    words: ["jobs", "show", "ID"],
    does: "one job",
    request: ([id = ""]) => ({ method: "GET", path: `jobs/${encodeURIComponent(id)}` }),
  },
  {
    words: ["jobs", "cancel", "ID"],
    does: "end it now",
    request: ([id = ""]) => ({ method: "POST", path: `jobs/${encodeURIComponent(id)}/cancel` }),
  },
  {
    words: ["jobs", "retry", "ID"],
    does: "another job for what a failed one asked for",
    request: ([id = ""]) => ({ method: "POST", path: `jobs/${encodeURIComponent(id)}/retry` }),
  },
  {
    words: ["callers", "add", "NAME"],
    does: "a caller, without a key yet; --scopes generate,edit,read,operator",
    options: ["scopes", "expires"],
    request: ([name = ""], { scopes, expires }) => ({
      method: "PUT",
      path: `callers/${encodeURIComponent(name)}`,
      body: { scopes: scopes?.split(","), expires_at: expires },
    }),
  },
  {
    words: ["callers", "limit", "NAME"],
    does: "what it may take: --jobs 20 open, --minute 60 of them, --budget '20 USD month'",
    options: ["jobs", "minute", "budget"],
    request: ([name = ""], { jobs, minute, budget }) => ({
      method: "PUT",
      path: `callers/${encodeURIComponent(name)}/limits`,
      body: { open_jobs: numberOf(jobs), jobs_per_minute: numberOf(minute), budget: budgetOf(budget) },
    }),
  },
  {
    words: ["keys", "list"],
    does: "callers and their keys",
    request: () => ({ method: "GET", path: "callers" }),
  },
  {
    words: ["keys", "add", "NAME"],
    does: "a key of a caller; it is shown this once",
    options: ["expires"],
    request: ([name = ""], { expires }) => ({
      method: "POST",
      path: `callers/${encodeURIComponent(name)}/keys`,
      body: { expires_at: expires },
    }),
  },
  {
    words: ["keys", "revoke", "NAME", "KEY_ID"],
    does: "end a key on every instance, and all tokens that were made with it",
    request: ([name = "", id = ""]) => ({
      method: "DELETE",
      path: `callers/${encodeURIComponent(name)}/keys/${encodeURIComponent(id)}`,
    }),
  },
  {
    words: ["usage"],
    does: "what all callers, or one, used and spent; --from and --to are days",
    options: ["caller", "from", "to"],
    request: (_, { caller, from, to }) => ({ method: "GET", path: `usage${queryOf({ caller, from, to })}` }),
  },
  {
    words: ["status"],
    does: "whether new jobs are taken",
    request: () => ({ method: "GET", path: "service" }),
  },
  {
    words: ["pause"],
    does: "take new jobs, and begin none",
    request: () => ({ method: "PUT", path: "service/paused" }),
  },
  {
    words: ["drain"],
    does: "refuse new jobs; those that are there go on",
    request: () => ({ method: "PUT", path: "service/draining" }),
  },
  {
    words: ["resume"],
    does: "take and begin new jobs again",
    request: () => ({ method: "PUT", path: "service/open" }),
  },
  {
    words: ["audit"],
    does: "what operators did, newest first",
    options: ["limit"],
    request: (_, { limit }) => ({ method: "GET", path: `audit${queryOf({ limit })}` }),
  },
];

const isGiven = (word: string) => word === word.toUpperCase();

export const usage = [
  "npm run ops -- COMMAND   speaks to the app at DARKROOM_URL, as the operator whose key is DARKROOM_KEY",
  "",
  ...commands.map(({ words, does, options = [] }) => {
    const flags = options.map((name) => ` [--${name} …]`).join("");
    return `  ${`${words.join(" ")}${flags}`.padEnd(72)} ${does}`;
  }),
].join("\n");

/** The command that the words are, with what was given; or a sentence that says what is wrong. */
export function findCommand(
  words: readonly string[],
  options: OpsOptions,
): { command: OpsCommand; given: string[] } | string {
  const isMeant = (command: OpsCommand) =>
    command.words.filter((word) => !isGiven(word)).every((word, at) => words[at] === word);
  const command = commands.find(isMeant);
  if (!command) {
    const known = commands.map((one) => one.words.filter((word) => !isGiven(word)).join(" "));
    const asked = words.length === 0 ? "A command is missing" : `There is no command ${words.join(" ")}`;
    return `${asked}; there are: ${known.join(", ")}.`;
  }
  const called = command.words.filter((word) => !isGiven(word)).join(" ");
  if (words.length < command.words.length)
    return `${called} needs ${command.words.slice(words.length).join(" and ")}.`;
  if (words.length > command.words.length)
    return `${called} takes nothing more: ${words.slice(command.words.length).join(" ")}.`;
  const other = Object.keys(options).find((name) => !command.options?.some((known) => known === name));
  if (other !== undefined) return `${called} takes no --${other}.`;
  return { command, given: words.filter((_, at) => isGiven(command.words[at] ?? "")) };
}

/** What is no number is left for the app to refuse. */
function numberOf(text: string | undefined): number | string | undefined {
  return text === undefined || Number.isNaN(Number(text)) ? text : Number(text);
}

function budgetOf(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  const [amount, currency, period = "month"] = text.split(" ");
  return { amount: numberOf(amount), currency, period };
}

function queryOf(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
