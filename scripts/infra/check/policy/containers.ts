import { asText, type Value } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import {
  type Around,
  at,
  calls,
  eachDeployed,
  equals,
  listAt,
  must,
  type Place,
  type Rule,
  textAt,
  valueAt,
} from "./rule.ts";

const module = "storage/storage-account";
const theAccount = (around: Around, check: (call: Deployed, shape: Shape) => Place[]) =>
  eachDeployed(around, (shape) => calls(shape, module), check);

const names = (call: Deployed, path: string) => listAt(call.body, path).map((each) => textAt(each, "name"));

/** What the code opens by name: `getContainerClient("images")`, `blobContainerCleaner(blobs, "images")`, `clientOf("jobs")`. */
function namedInCode(around: Around, pattern: RegExp): string[] {
  const texts = [...around.tree].filter(([path]) => path.startsWith("src/")).map(([, text]) => text);
  return [
    ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""))),
  ].sort();
}

interface Lifecycle {
  prefixes: string[];
  days: number;
  enabled: boolean;
}

function lifecycle(call: Deployed): Lifecycle[] {
  return listAt(call.body, "managementPolicyRules").map((rule) => ({
    prefixes: listAt(rule, "definition.filters.prefixMatch").map(asText),
    days: Number(valueAt(rule, "definition.actions.baseBlob.delete.daysAfterCreationGreaterThan") ?? NaN),
    enabled: valueAt(rule, "enabled") === true,
  }));
}

function removedAfter(container: string, fits: (days: number, given: { [key: string]: Value }) => boolean) {
  return (around: Around) =>
    theAccount(around, (call, { given }) => {
      if (!names(call, "blobServices.containers").includes(container)) return [];
      const rule = lifecycle(call).find(({ prefixes }) => prefixes.includes(`${container}/`));
      const fit = rule !== undefined && rule.enabled && fits(rule.days, given);
      const message = `No rule that is in force removes what is past its time in ${container}, and nothing before.`;
      return fit ? [] : [at(call, "managementPolicyRules", message)];
    });
}

export const containerRules: Rule[] = [
  {
    name: "private-containers",
    why: "The account's switch can be turned by hand; a container that is private stays so.",
    source: "Azure Storage, anonymous read access",
    check: (around) =>
      theAccount(around, (call) =>
        listAt(call.body, "blobServices.containers")
          .filter((container) => textAt(container, "publicAccess") !== "None")
          .map((container) =>
            at(
              call,
              "blobServices.containers",
              `The container ${textAt(container, "name")} must be private.`,
            ),
          ),
      ),
  },
  {
    name: "containers-of-the-code",
    why: "The code's identity may not make containers: one that is missing stops what uses it.",
    source: "src/adapters/storage, by the names it opens",
    check: (around) => {
      const opened = namedInCode(
        around,
        /(?:getContainerClient\(|blobContainerCleaner\(\w+, |container\()"([a-z-]+)"/g,
      );
      return theAccount(around, (call) =>
        opened
          .filter((name) => !names(call, "blobServices.containers").includes(name))
          .map((name) =>
            at(call, "blobServices.containers", `The code opens a container ${name} that isn't made.`),
          ),
      );
    },
  },
  {
    name: "tables-of-the-code",
    why: "The code's identity may not make tables: one that is missing stops what uses it.",
    source: "src/adapters/storage/tables.ts",
    check: (around) => {
      const opened = namedInCode(around, /clientOf\("([a-z]+)"\)/g);
      return theAccount(around, (call) =>
        opened
          .filter((name) => !names(call, "tableServices.tables").includes(name))
          .map((name) => at(call, "tableServices.tables", `The code opens a table ${name} that isn't made.`)),
      );
    },
  },
  {
    name: "queues-of-the-code",
    why: "The host polls a queue that isn't there as well, and each look is a warning and a failed span.",
    source: "src/functions, by the queues that trigger something; seen on Microsoft's host",
    check: (around) => {
      const polled = namedInCode(around, /Queue = "([a-z-]+)"/g);
      return theAccount(around, (call) =>
        polled
          .filter((name) => !names(call, "queueServices.queues").includes(name))
          .map((name) =>
            at(call, "queueServices.queues", `The app listens to a queue ${name} that isn't made.`),
          ),
      );
    },
  },
  {
    name: "uploads-go",
    why: "What was uploaded and never used is somebody's picture that nobody would ever remove.",
    source: "README, RETENTION_DAYS: uploads are kept a day",
    check: removedAfter("uploads", (days) => days >= 1 && days <= 2),
  },
  {
    name: "images-go",
    why: "A rule that is quicker than the app takes pictures that the app still shows; one that is missing keeps them where the app is stopped.",
    source: "README, RETENTION_DAYS",
    check: removedAfter(
      "images",
      (days, given) => days > Number(given["retentionDays"]) && days <= Number(given["retentionDays"]) + 7,
    ),
  },
  {
    name: "results-go",
    why: "Results beside the inbox name what people dropped there.",
    source: "README, RETENTION_DAYS",
    check: removedAfter(
      "edit-results",
      (days, given) => days >= Number(given["retentionDays"]) && days <= Number(given["retentionDays"]) + 7,
    ),
  },
  {
    name: "package-stays",
    why: "A rule for all containers would one day remove the app itself.",
    source: "Flex Consumption: the package is run from its container",
    check: (around) =>
      theAccount(around, (call) =>
        lifecycle(call)
          .filter(
            ({ prefixes }) =>
              prefixes.length === 0 ||
              prefixes.some((prefix) => !/^[a-z-]+\//.test(prefix) || prefix.startsWith("app-package")),
          )
          .map(() =>
            at(
              call,
              "managementPolicyRules",
              "A rule of removal must name its container, and never the package's.",
            ),
          ),
      ),
  },
  {
    name: "removed-is-gone",
    why: "Who deletes a job has it gone at once, as the README says, and not in a week.",
    source: "README, DELETE /api/jobs/{id}",
    check: must({
      module,
      path: "blobServices.deleteRetentionPolicyEnabled",
      is: equals(false),
      message: "Blobs that are removed must be gone.",
    }),
  },
];

/** Names of the containers that a shape makes. */
export function containersOf(around: Around): string[] {
  const lists = around.shapes.flatMap((shape) =>
    calls(shape, module).map((call) => names(call, "blobServices.containers")),
  );
  return [...new Set(lists.flat())];
}
