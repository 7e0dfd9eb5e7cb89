import { equals, must, type Rule, whenPrivate } from "./rule.ts";

const module = "storage/storage-account";

export const storageRules: Rule[] = [
  {
    name: "shared-keys-off",
    why: "An account's key opens everything in it, to whoever finds it, for as long as nobody rotates it.",
    source: "Azure Storage, prevent shared key authorization; the module's default is on",
    check: must({
      module,
      path: "allowSharedKeyAccess",
      is: equals(false),
      message: "Keys of the account must be off.",
    }),
  },
  {
    name: "storage-closed",
    why: "A private deployment that answers on a public address is not private.",
    source: "Azure Storage, private endpoints",
    check: must({
      module,
      path: "publicNetworkAccess",
      is: equals("Disabled"),
      when: whenPrivate,
      message: "Storage must have no public network where private access is chosen.",
    }),
  },
];
