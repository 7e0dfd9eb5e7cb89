import { createHmac, timingSafeEqual } from "node:crypto";
import { ServiceError } from "./service-error.ts";

/** Signs addresses the way a SAS does: the path and its expiry, one key, a refusal that says which part failed. */
export class UrlSigner {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  sign(base: string, path: string, expiresAt: number): string {
    const expiry = new Date(expiresAt).toISOString();
    const url = new URL(path, base);
    url.search = new URLSearchParams({
      se: expiry,
      sp: "r",
      sv: "2021-08-06",
      sr: "b",
      sig: this.#signature(path, expiry).toString("base64"),
    }).toString();
    return url.href;
  }

  /** Throws blob storage's 403. */
  verify(path: string, query: URLSearchParams, now: number): void {
    const expiry = query.get("se") ?? "";
    const given = Buffer.from(query.get("sig") ?? "", "base64");
    const expected = this.#signature(path, expiry);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw authenticationFailed("Signature did not match.");
    }
    if (Date.parse(expiry) <= now) {
      throw authenticationFailed("Signature not valid in the specified time frame.");
    }
  }

  #signature(path: string, expiry: string): Buffer {
    return createHmac("sha256", this.#key).update(`${path}\n${expiry}`).digest();
  }
}

function authenticationFailed(why: string): ServiceError {
  return new ServiceError(403, "AuthenticationFailed", `Server failed to authenticate the request. ${why}`);
}
