import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where a hub takes instances in, and what they show it. Every process of this machine can reach the port. */
export interface HubAddress {
  port: number;
  secret: string;
}

const fileName = "hub.json";

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Leaves the address where only this user can read it. */
export function writeAddress(folder: string, address: HubAddress): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName);
  // A file that is there already would keep the mode it has.
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function readAddress(folder: string): HubAddress | undefined {
  const path = join(folder, fileName);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as HubAddress) : undefined;
}

export function removeAddress(folder: string): void {
  rmSync(join(folder, fileName), { force: true });
}

/** Compares in constant time. */
export function isSecret(secret: string, shown: unknown): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return typeof shown === "string" && timingSafeEqual(digest(secret), digest(shown));
}
