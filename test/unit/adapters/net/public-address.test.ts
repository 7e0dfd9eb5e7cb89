import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../../src/adapters/net/public-address.ts";
import { forbiddenAddresses } from "../../../support/hostile-urls.ts";

describe.each(Object.entries(forbiddenAddresses))("of the forbidden kind %s", (_kind, addresses) => {
  it.each(addresses)("%j is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

// Each lies beside a forbidden range: a rule that takes too much shows as well as one that takes too little.
it.each([
  ...[
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
  ],
  ...["128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255"],
  ...[
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
  ],
  ...["2001:200::1", "2003::1", "2606:4700::1111", "2a00:1450:4001:81b::200e", "3ffe::1"],
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
