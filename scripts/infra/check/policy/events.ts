import { asText, type Value } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import {
  at,
  type Around,
  eachDeployed,
  equals,
  listAt,
  made,
  missing,
  must,
  type Place,
  type Rule,
  textAt,
  valueAt,
} from "./rule.ts";
import { containersOf } from "./containers.ts";

const type = "Microsoft.EventGrid/systemTopics/eventSubscriptions";
const topic = "event-grid/system-topic";

function subscriptions(around: Around, check: (one: Deployed) => Place[]): Place[] {
  return eachDeployed(around, (shape) => made(shape, type), check);
}

/** Containers whose blobs begin like the filter, of those that are made. */
function watched(around: Around, call: Deployed): string[] {
  const filter = textAt(call.body, "properties.filter.subjectBeginsWith");
  return containersOf(around).filter((name) => {
    const subject = `/blobServices/default/containers/${name}/blobs/`;
    return subject.startsWith(filter) || filter.startsWith(subject);
  });
}

function inbox(around: Around): string {
  return (
    /inboxContainer = "([a-z-]+)"/.exec(around.tree.get("src/functions/edit-inbox-created.ts") ?? "")?.[1] ??
    "?"
  );
}

const deadLetters = (call: Deployed): Value | undefined =>
  valueAt(call.body, "properties.deadLetterWithResourceIdentity") ??
  valueAt(call.body, "properties.deadLetterDestination");

export const eventRules: Rule[] = [
  {
    name: "dead-letter",
    why: "An event that can't be delivered for a day is gone without a word, and with it somebody's edit.",
    source: "Event Grid, delivery and retry",
    check: (around) =>
      subscriptions(around, (call) =>
        deadLetters(call) === undefined
          ? [at(call, "properties.filter", "Events that can't be delivered must be kept.")]
          : [],
      ),
  },
  {
    name: "dead-letter-by-identity",
    why: "Dead letters without an identity need the account's keys, which are off.",
    source: "Event Grid, dead-letter with a managed identity",
    check: (around) =>
      subscriptions(around, (call) =>
        valueAt(call.body, "properties.deadLetterDestination") === undefined
          ? []
          : [at(call, "properties.deadLetterDestination", "Dead letters must be written by an identity.")],
      ),
  },
  {
    name: "dead-letter-container",
    why: "Event Grid does not make the container, and drops what it can't write.",
    source: "Event Grid, dead-letter location",
    check: (around) =>
      subscriptions(around, (call) => {
        const name = textAt(
          call.body,
          "properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.blobContainerName",
        );
        return name === "" || containersOf(around).includes(name)
          ? []
          : [at(call, "properties.deadLetterWithResourceIdentity", `There is no container ${name}.`)];
      }),
  },
  {
    name: "retry-policy",
    why: "How long an event is tried decides how long the app may be away.",
    source: "Event Grid, delivery and retry: 1 to 30 tries, 1 to 1440 minutes",
    check: (around) =>
      subscriptions(around, (call) => {
        const tries = Number(valueAt(call.body, "properties.retryPolicy.maxDeliveryAttempts"));
        const minutes = Number(valueAt(call.body, "properties.retryPolicy.eventTimeToLiveInMinutes"));
        return tries >= 10 && tries <= 30 && minutes >= 60 && minutes <= 1440
          ? []
          : [
              at(
                call,
                "properties.retryPolicy",
                "Events must be tried 10 to 30 times, for an hour to a day.",
              ),
            ];
      }),
  },
  {
    name: "inbox-is-watched",
    why: "A filter for another container is an inbox that nobody reads.",
    source: "src/functions/edit-inbox-created.ts",
    check: (around) =>
      subscriptions(around, (call) =>
        watched(around, call).includes(inbox(around))
          ? []
          : [
              at(
                call,
                "properties.filter.subjectBeginsWith",
                `The inbox (${inbox(around)}) must be watched.`,
              ),
            ],
      ),
  },
  {
    name: "outputs-are-not-watched",
    why: "An app that is told of what it writes itself never stops.",
    source: "Azure Functions, blob trigger: loops",
    check: (around) =>
      subscriptions(around, (call) =>
        watched(around, call)
          .filter((name) => name !== inbox(around))
          .map((name) =>
            at(
              call,
              "properties.filter.subjectBeginsWith",
              `${name} is written here, and must not be watched.`,
            ),
          ),
      ),
  },
  {
    name: "only-new-files",
    why: "Told of every kind of event, the app would handle a file again when it is deleted.",
    source: "Event Grid, Blob Storage as a source",
    check: (around) =>
      subscriptions(around, (call) => {
        const types = listAt(call.body, "properties.filter.includedEventTypes").map(asText);
        return types.join() === "Microsoft.Storage.BlobCreated"
          ? []
          : [at(call, "properties.filter", "Only new blobs must be told of.")];
      }),
  },
  {
    name: "event-schema",
    why: "The host's endpoint for blob events reads Event Grid's own schema.",
    source: "Azure Functions, blob trigger by Event Grid",
    check: (around) =>
      subscriptions(around, (call) =>
        textAt(call.body, "properties.eventDeliverySchema") === "EventGridSchema"
          ? []
          : [at(call, "properties.eventDeliverySchema", "Events must come in Event Grid's own schema.")],
      ),
  },
  {
    name: "function-named",
    why: "Events for a function that isn't there are refused, and dead-lettered a day later.",
    source: "src/index.ts",
    check: (around) =>
      subscriptions(around, (call) => {
        const address = textAt(call.body, "properties.destination.properties.endpointUrl");
        const name = /functionName=Host\.Functions\.([\w-]+)/.exec(address)?.[1] ?? "";
        return (around.tree.get("src/index.ts") ?? "").includes(`app.storageBlob("${name}"`)
          ? []
          : [at(call, "properties.destination", `The app has no blob function "${name}".`)];
      }),
  },
  {
    name: "topic-of-the-storage",
    why: "A topic of another account tells of another account's files.",
    source: "Event Grid, system topics",
    check: must({
      module: topic,
      path: "source",
      is: (value) => /\{account\.outputs\.resourceId\}/.test(asText(value)),
      message: "The topic must be of the storage account.",
    }),
  },
  {
    name: "topic-identity",
    why: "Dead letters are written as the topic's identity.",
    source: "Event Grid, managed identities",
    check: must({
      module: topic,
      path: "managedIdentities.systemAssigned",
      is: equals(true),
      message: "The topic must have an identity.",
    }),
  },
  {
    name: "inbox-is-subscribed",
    why: "Without a subscription nothing that is dropped is ever seen.",
    source: "README, drop a file",
    check: (around) =>
      around.shapes.some((shape) => made(shape, type).length > 0)
        ? []
        : [missing("Nothing subscribes to the inbox.", "infra/subscription.bicep")],
  },
];
