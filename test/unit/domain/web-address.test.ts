import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/domain/app-error.ts";
import { checkWebAddress } from "../../../src/domain/web-address.ts";
import { hostileUrlList, hostileUrls } from "../../support/hostile-urls.ts";

const allowlist = ["http://allowed.example:9000", "https://pictures.local:8443"];

function refusalOf(text: string): AppError {
  try {
    checkWebAddress(text, allowlist);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It was let in.");
}

describe("an address is let in", () => {
  it.each([
    ["https://pictures.example/cat.png?sig=1#top", "https://pictures.example/cat.png?sig=1#top"],
    ["https://pictures.example:443/", "https://pictures.example/"],
    ["HTTPS://Pictures.Example", "https://pictures.example/"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["https://a_b.c-d.blob.core.windows.net/", "https://a_b.c-d.blob.core.windows.net/"],
    ["https://127.0.0.1.nip.io/", "https://127.0.0.1.nip.io/"],
    ["https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/"],
    ["https://local.example/", "https://local.example/"],
  ])("as %s, which is %s", (text, href) => {
    expect(checkWebAddress(text, []).href).toBe(href);
  });

  it("when it has 2,048 characters, and not when it has one more", () => {
    const longest = "https://pictures.example/".padEnd(2_048, "a");
    expect(checkWebAddress(longest, []).href).toBe(longest);
    expect(refusalOf(`${longest}a`).detail).toContain("at most 2048 characters");
  });

  it.each([
    "http://allowed.example:9000/cat.png",
    "https://pictures.local:8443/",
    "HTTP://ALLOWED.EXAMPLE:9000",
  ])("when its origin is on the allow-list: %s", (text) => {
    expect(allowlist).toContain(checkWebAddress(text, allowlist).origin);
    expect(() => checkWebAddress(text, [])).toThrow(AppError);
  });
});

describe.each(Object.entries(hostileUrls))("of the hostile kind %s", (_kind, urls) => {
  it.each(urls.map((url) => [url.slice(0, 80), url]))("%j is refused", (_shown, url) => {
    expect(refusalOf(url).code).toBe("invalidRequest");
  });
});

describe("a refusal", () => {
  it.each([
    ["pictures.example/cat.png", "must be a whole web address that begins with https://."],
    ["https://ann@pictures.example/", "must hold no user name or password."],
    ["https://:s3cret@pictures.example/", "must hold no user name or password."],
    ["http://pictures.example/", "must begin with https://."],
    ["blob:http://allowed.example:9000/1", "must begin with https://."],
    ["https://pictures.example:8443/", "must use port 443, the usual one."],
    ["https://2130706433/", "must name its host: IP addresses aren't connected to."],
    ["https://[::1]/", "must name its host: IP addresses aren't connected to."],
    ["https://app/", "must name a public host, such as pictures.example.com."],
    ["https://pictures.example./", "must name a public host, such as pictures.example.com."],
    ["https://db.internal/", "must name a public host, such as pictures.example.com."],
  ])("of %s says what is allowed", (text, message) => {
    expect(refusalOf(text).detail).toBe(message);
  });

  it("repeats nothing of the address", () => {
    for (const url of hostileUrlList)
      expect(refusalOf(url).message).not.toMatch(
        /s3cret|cat\.png|ann|pictures\.example(?!\.com)|\d+\.\d+\.\d+/,
      );
  });
});
