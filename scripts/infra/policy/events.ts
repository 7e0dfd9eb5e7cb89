import type { Json, Resource } from "../deployments.ts";
import { asText, listAt, made, must, rule, type Rule, textAt, textOf, valueAt, type World } from "./rule.ts";
import { containersOf } from "./storage.ts";

const topic = "Microsoft.EventGrid/systemTopics";

const subscriptionsOf = ({ deployments }: World) =>
  deployments.flatMap((each) => made(each, `${topic}/eventSubscriptions`));

const eachSubscription =
  (message: string, fits: (properties: Json | undefined, world: World) => boolean): Rule["check"] =>
  (world) =>
    subscriptionsOf(world)
      .filter(({ properties }) => !fits(properties, world))
      .map(({ name }: Resource) => `${name}: ${message}`);

/** Containers whose blobs begin like the filter, of those that are made. */
function watched(world: World, properties: Json | undefined): string[] {
  const filter = textAt(properties, "filter.subjectBeginsWith");
  return containersOf(world).filter((name) => {
    const subject = `/blobServices/default/containers/${name}/blobs/`;
    return subject.startsWith(filter) || filter.startsWith(subject);
  });
}

function inbox({ tree }: World): string {
  const texts = [...tree].filter(([path]) => path.startsWith("src/")).map(([, text]) => text);
  const [found] = texts.flatMap((text) => /inboxContainer = "([a-z-]+)"/.exec(text)?.[1] ?? []);
  return found ?? "?";
}

const identified = "deadLetterWithResourceIdentity";
const between = (value: Json | undefined, least: number, most: number) =>
  Number(value) >= least && Number(value) <= most;

export const eventRules: Rule[] = [
  rule(
    "dead-letter",
    "An event that can't be delivered for a day is gone without a word, and with it somebody's edit.",
    "Event Grid, delivery and retry",
    eachSubscription(
      "events that can't be delivered must be kept",
      (properties) =>
        valueAt(properties, identified) !== undefined ||
        valueAt(properties, "deadLetterDestination") !== undefined,
    ),
  ),
  rule(
    "dead-letter-by-identity",
    "Dead letters without an identity need the account's keys, which are off.",
    "Event Grid, dead-letter with a managed identity",
    eachSubscription(
      "dead letters must be written by an identity",
      (properties) => valueAt(properties, "deadLetterDestination") === undefined,
    ),
  ),
  rule(
    "dead-letter-container",
    "Event Grid does not make the container, and drops what it can't write.",
    "Event Grid, dead-letter location",
    eachSubscription("its container of dead letters isn't made", (properties, world) => {
      const name = textAt(properties, `${identified}.deadLetterDestination.properties.blobContainerName`);
      return name === "" || containersOf(world).includes(name);
    }),
  ),
  rule(
    "retry-policy",
    "How long an event is tried decides how long the app may be away.",
    "Event Grid, delivery and retry: 1 to 30 tries, 1 to 1440 minutes",
    eachSubscription(
      "events must be tried 10 to 30 times, for an hour to a day",
      (properties) =>
        between(valueAt(properties, "retryPolicy.maxDeliveryAttempts"), 10, 30) &&
        between(valueAt(properties, "retryPolicy.eventTimeToLiveInMinutes"), 60, 1440),
    ),
  ),
  rule(
    "inbox-is-watched",
    "A filter for another container is an inbox that nobody reads.",
    "src, inboxContainer",
    eachSubscription("the inbox must be watched", (properties, world) =>
      watched(world, properties).includes(inbox(world)),
    ),
  ),
  rule(
    "outputs-are-not-watched",
    "An app that is told of what it writes itself never stops.",
    "Azure Functions, blob trigger: loops",
    eachSubscription("what the app writes itself must not be watched", (properties, world) =>
      watched(world, properties).every((name) => name === inbox(world)),
    ),
  ),
  rule(
    "only-new-files",
    "Told of every kind of event, the app would handle a file again when it is deleted.",
    "Event Grid, Blob Storage as a source",
    eachSubscription(
      "only new blobs must be told of",
      (properties) =>
        listAt(properties, "filter.includedEventTypes").map(asText).join() ===
        "Microsoft.Storage.BlobCreated",
    ),
  ),
  rule(
    "event-schema",
    "The host's endpoint for blob events reads Event Grid's own schema.",
    "Azure Functions, blob trigger by Event Grid",
    eachSubscription(
      "events must come in Event Grid's own schema",
      (properties) => textAt(properties, "eventDeliverySchema") === "EventGridSchema",
    ),
  ),
  rule(
    "function-named",
    "Events for a function that isn't there are refused, and dead-lettered a day later.",
    "src/index.ts",
    (world) => {
      const [, name = ""] =
        /functionName=Host\.Functions\.([\w-]+)/.exec(textOf(world, "scripts/deploy/events.ts")) ?? [];
      return textOf(world, "src/index.ts").includes(`app.storageBlob("${name}"`)
        ? []
        : [`scripts/deploy/events.ts: the app has no blob function "${name}"`];
    },
  ),
  rule(
    "topic-of-the-storage",
    "A topic of another account tells of another account's files.",
    "Event Grid, system topics",
    must(topic, "properties.source", (value) => asText(value).includes("/storageAccounts/")),
  ),
  rule(
    "topic-identity",
    "Dead letters are written as the topic's identity.",
    "Event Grid, managed identities",
    must(topic, "identity.type", "SystemAssigned"),
  ),
  rule(
    "inbox-is-subscribed",
    "Without a subscription nothing that is dropped is ever seen.",
    "docs, drop a file",
    (world) => (subscriptionsOf(world).length > 0 ? [] : ["nothing subscribes to the inbox"]),
  ),
];
