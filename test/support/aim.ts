import { beforeEach } from "vitest";

/**
 * The host tier judges any host that runs already, wherever it is: `DARKROOM_URL=… npm run test:host`. Everything else
 * that tests need of it is given or not; a test that needs what isn't there is skipped, and says why.
 */
export interface Aim {
  url: string;
  key?: string;
  /** Opens the host's `/admin`, and the webhook that is told of dropped files. */
  masterKey?: string;
  /** Connection string. */
  storage?: string;
  /** Address of the simulated service that the host uses: the tests steer it as if it were theirs. */
  simulator?: string;
}

/** Which host the tests start, where they aren't aimed at one: `DARKROOM_HOST=func` is Microsoft's, by its Core Tools. */
export function startsFunc({ DARKROOM_HOST: host, DARKROOM_URL: url }: NodeJS.ProcessEnv): boolean {
  if (!host || host === "embedded") return false;
  if (host !== "func") throw new Error("DARKROOM_HOST must be func or embedded.");
  if (url)
    throw new Error("DARKROOM_HOST says which host to start, DARKROOM_URL which one runs: give one of them.");
  return true;
}

const localStack = ["KEY", "MASTER_KEY", "STORAGE", "SIMULATOR"];

/** Undefined where the tests start hosts of their own. */
export function readAim(environment: NodeJS.ProcessEnv): Aim | undefined {
  const given = (name: string) => environment[`DARKROOM_${name}`]?.trim() || undefined;
  const [url, key, masterKey, storage, simulator] = ["URL", ...localStack].map(given);
  if (url === undefined) {
    // A half-set aim would start hosts of its own and say that the other one is well.
    // The key of a host that the tests start may be known beforehand.
    const allowed = startsFunc(environment) ? ["MASTER_KEY"] : [];
    const stray = localStack
      .filter((name) => !allowed.includes(name))
      .find((name) => given(name) !== undefined);
    if (stray !== undefined) throw new Error(`DARKROOM_${stray} is set, but not DARKROOM_URL.`);
    return undefined;
  }
  return {
    url: originOf("URL", url),
    ...(key !== undefined && { key }),
    ...(masterKey !== undefined && { masterKey }),
    ...(storage !== undefined && { storage }),
    ...(simulator !== undefined && { simulator: originOf("SIMULATOR", simulator) }),
  };
}

function originOf(name: string, text: string): string {
  const url = URL.parse(text);
  const isRoot = url && url.pathname === "/" && url.search === "" && url.hash === "";
  if (isRoot && /^https?:$/.test(url.protocol)) return url.origin;
  throw new Error(`DARKROOM_${name} must be an address such as https://name.example, without a path.`);
}

/** Thrown where a test asks for something that the host it is aimed at doesn't offer: the test is skipped. */
export class NotHere extends Error {
  override name = "NotHere";
}

/** The reason, where an error says that a test can't be held here; also from within another error. */
export function whyNotHere(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // By name: the runner and the tests may have loaded this file twice.
  return error.name === "NotHere" ? error.message : whyNotHere(error.cause);
}

export const aim = readAim(process.env);
export const isFunc = startsFunc(process.env);

/** Whether the tests start the embedded host, in which they may look. */
export const isEmbedded = aim === undefined && !isFunc;

/** For a file that looks into the embedded host, or starts hosts by itself. */
export function skipUnlessEmbedded(reason: string): void {
  beforeEach(({ skip }) => skip(!isEmbedded, reason));
}

/** For a file none of whose tests can be held on a host that somebody else started. */
export function skipWhenAimed(reason: string): void {
  beforeEach(({ skip }) => skip(aim !== undefined, reason));
}
