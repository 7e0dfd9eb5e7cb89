/** What this tab remembers, and no other: it is gone when the tab is closed. */

const keyName = "darkroom.key";
const draftName = "darkroom.draft";

export const session = {
  key: (): string => read(keyName) ?? "",
  keepKey: (key: string): void => write(keyName, key),
  clear(): void {
    write(keyName, "");
    write(draftName, "");
  },
  draft(): unknown {
    try {
      return JSON.parse(read(draftName) ?? "null");
    } catch {
      return undefined;
    }
  },
  keepDraft: (draft: object): void => write(draftName, JSON.stringify(draft)),
};

// Storage can be switched off; the page then works until it is reloaded.
function read(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    if (value === "") sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // As above.
  }
}

/**
 * The key of the address that `npm start` prints: `#key=…`. What stands behind `#` is sent to nobody; it is taken out of
 * the address and its history at once, so that no screenshot or copied address holds it.
 */
export function takeKeyFromAddress(): string {
  const [, key] = /^#key=(.+)$/.exec(location.hash) ?? [];
  if (key === undefined) return "";
  history.replaceState(undefined, "", location.pathname);
  try {
    return decodeURIComponent(key);
  } catch {
    return "";
  }
}
