import { asText } from "../../evaluate/values.ts";
import { equals, must, type Rule, whenPrivate } from "./rule.ts";

const module = "storage/storage-account";

export const storageRules: Rule[] = [
  {
    name: "shared-keys-off",
    why: "An account's key opens everything in it, to the one who finds it, for as long as nobody rotates it.",
    source: "Azure Storage, prevent shared key authorization; the module's default is on",
    check: must({
      module,
      path: "allowSharedKeyAccess",
      is: equals(false),
      message: "Keys of the account must be off.",
    }),
  },
  {
    name: "portal-signs-in",
    why: "Without it the portal asks for the keys that are off, and shows people nothing.",
    source: "Azure Storage, default to Microsoft Entra authorization in the portal",
    check: must({
      module,
      path: "defaultToOAuthAuthentication",
      is: equals(true),
      message: "The portal must use Entra ID by default.",
    }),
  },
  {
    name: "no-public-blobs",
    why: "A container that anybody may list shows every picture anybody ever made.",
    source: "Azure Storage, anonymous read access",
    check: must({
      module,
      path: "allowBlobPublicAccess",
      is: equals(false),
      message: "Anonymous access to blobs must be off.",
    }),
  },
  {
    name: "storage-https",
    why: "A link in the clear is a key in the clear.",
    source: "Azure Storage, require secure transfer",
    check: must({
      module,
      path: "supportsHttpsTrafficOnly",
      is: equals(true),
      message: "Storage must be reached by https alone.",
    }),
  },
  {
    name: "storage-tls",
    why: "TLS 1.0 and 1.1 are broken, and no client of ours needs them.",
    source: "Azure Storage, minimum version of TLS",
    check: must({
      module,
      path: "minimumTlsVersion",
      is: (value) => value === "TLS1_2" || value === "TLS1_3",
      message: "Storage must ask for TLS 1.2 or newer.",
    }),
  },
  {
    name: "stays-in-tenant",
    why: "Object replication to a foreign tenant is a way out for every picture.",
    source: "Azure Storage, prevent replication across tenants",
    check: must({
      module,
      path: "allowCrossTenantReplication",
      is: equals(false),
      message: "Replication to other tenants must be off.",
    }),
  },
  {
    name: "links-live-a-week",
    why: "A user-delegation key lives seven days: a link that is to live longer was signed with something else.",
    source: "Azure Storage, expiration policy of shared access signatures",
    check: must({
      module,
      path: "sasExpirationPeriod",
      is: (value) => {
        const [, days, rest] = /^(\d+)\.(.*)$/.exec(asText(value)) ?? [];
        return days !== undefined && (Number(days) < 7 || (days === "7" && rest === "00:00:00"));
      },
      message: "Links must live seven days at most.",
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
  {
    name: "storage-denies",
    why: "Should the public network be opened by hand, it still lets nobody in.",
    source: "Azure Storage, network rules",
    check: must({
      module,
      path: "networkAcls.defaultAction",
      is: equals("Deny"),
      when: whenPrivate,
      message: "Storage must refuse who isn't named where private access is chosen.",
    }),
  },
  {
    name: "storage-name",
    why: "An account's name has 3 to 24 lower-case letters and digits, which shows at deployment and not before.",
    source: "Naming rules of Azure resources",
    check: must({
      module,
      path: "name",
      is: (value) => /^[a-z0-9]{3,24}$/.test(asText(value)),
      message: "The account's name must be 3 to 24 lower-case letters and digits.",
    }),
  },
];
