import type { Deployment } from "../deployments.ts";
import {
  asText,
  eachOf,
  inEach,
  lastName,
  listAt,
  made,
  rule,
  type Rule,
  textAt,
  valueAt,
  whenPrivate,
} from "./rule.ts";

/** Private DNS zone of every service that is closed, by the sub-resource an endpoint names. */
const zones: Record<string, string> = {
  blob: "privatelink.blob.",
  queue: "privatelink.queue.",
  table: "privatelink.table.",
  vault: "privatelink.vaultcore.azure.net",
  account: "privatelink.openai.azure.com",
  scheduler: "privatelink.durabletask.io",
};

const network = "Microsoft.Network/virtualNetworks";
const zone = "Microsoft.Network/privateDnsZones";
const scheduler = "Microsoft.DurableTask/schedulers";

interface Endpoint {
  service: string;
  zoneIds: string[];
  subnet: string;
}

function endpointsOf(deployment: Deployment): Endpoint[] {
  const groups = made(deployment, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups");
  return made(deployment, "Microsoft.Network/privateEndpoints").map(({ name, properties }) => ({
    service: listAt(properties, "privateLinkServiceConnections")
      .flatMap((each) => listAt(each, "properties.groupIds").map(asText))
      .join(),
    zoneIds: groups
      .filter((group) => group.name.startsWith(`${name}/`))
      .flatMap((group) => listAt(group.properties, "privateDnsZoneConfigs"))
      .map((each) => textAt(each, "properties.privateDnsZoneId")),
    subnet: textAt(properties, "subnet.id"),
  }));
}

function eachEndpoint(message: string, fits: (endpoint: Endpoint, deployment: Deployment) => boolean) {
  return inEach((deployment) =>
    endpointsOf(deployment)
      .filter((endpoint) => !fits(endpoint, deployment))
      .map(({ service }) => `${service}: ${message}`),
  );
}

export const networkRules: Rule[] = [
  ...Object.keys(zones).map((service) =>
    rule(
      `endpoint-${service}`,
      "A service that is closed, and has no endpoint in the network, is reached by nobody at all.",
      "Azure Private Link, sub-resources",
      inEach(
        (deployment) =>
          endpointsOf(deployment).some((each) => each.service === service)
            ? []
            : [`no endpoint for ${service}`],
        ({ isPrivate, usesScheduler }) => isPrivate && (service !== "scheduler" || usesScheduler),
      ),
    ),
  ),
  rule(
    "endpoint-zone",
    "Without its zone the name leads to the public address, which is closed.",
    "Azure Private Link, private DNS zone values",
    eachEndpoint("its endpoint must be in the DNS zone of the service", ({ service, zoneIds }) =>
      zoneIds.some((id) => id.includes(zones[service] ?? "?")),
    ),
  ),
  rule(
    "zones-exist",
    "A zone that isn't made can't be joined.",
    "Azure Private Link, private DNS zone values",
    eachEndpoint("the DNS zone of its endpoint isn't made", ({ zoneIds }, deployment) => {
      const there = made(deployment, zone).map(({ id }) => id);
      return zoneIds.every((id) => there.includes(id));
    }),
  ),
  rule(
    "zones-linked",
    "A zone that isn't linked answers nobody in the network.",
    "Azure DNS, virtual network links",
    eachOf(
      zone,
      ({ name }, deployment) => {
        // A name that holds the cloud's suffix is an expression, within the expression that names the link.
        const inner = name.replace(/^\[(.*)\]$/, "$1");
        const links = made(deployment, `${zone}/virtualNetworkLinks`);
        return links.some((link) => link.name.includes(inner)) ? [] : ["isn't linked to the network"];
      },
      whenPrivate,
    ),
  ),
  rule(
    "public-has-no-endpoints",
    "Endpoints cost by the hour, and a public deployment has no network for them.",
    "Azure Private Link, pricing",
    inEach(
      (deployment) => [
        ...endpointsOf(deployment).map(({ service }) => `there is an endpoint for ${service}`),
        ...made(deployment, network).map(({ name }) => `there is a network ${name}`),
      ],
      ({ isPrivate }) => !isPrivate,
    ),
  ),
  rule(
    "subnet-delegated",
    "Flex Consumption joins no subnet that isn't given over to it.",
    "Flex Consumption, virtual network integration",
    inEach((deployment) => {
      const delegated = made(deployment, `${network}/subnets`)
        .flatMap(({ properties }) => listAt(properties, "delegations"))
        .map((each) => textAt(each, "properties.serviceName"));
      return delegated.includes("Microsoft.App/environments") ? [] : ["no subnet is delegated to the app"];
    }, whenPrivate),
  ),
  rule(
    "subnet-name",
    "Flex Consumption takes no subnet with an underscore in its name.",
    "Flex Consumption, virtual network integration",
    eachOf(
      `${network}/subnets`,
      (subnet) => (lastName(subnet).includes("_") ? ["holds an underscore"] : []),
      whenPrivate,
    ),
  ),
  rule(
    "endpoints-apart",
    "A delegated subnet takes no endpoints.",
    "Azure Private Link, limits",
    eachEndpoint("its endpoint must not be in the app's subnet", ({ subnet }, deployment) =>
      made(deployment, "Microsoft.Web/sites").every(
        ({ properties }) => textAt(properties, "virtualNetworkSubnetId") !== subnet,
      ),
    ),
  ),
  rule(
    "scheduler-only-when-chosen",
    "A scheduler that nobody uses is paid for, and one that isn't made is missed.",
    "Durable Task Scheduler, billing",
    inEach((deployment) =>
      (made(deployment, scheduler).length === 1) === deployment.usesScheduler
        ? []
        : ["there must be a scheduler exactly where it is the backend"],
    ),
  ),
  rule(
    "scheduler-kind",
    "The published type takes any word, and the service two; one is paid by use, the other by the hour.",
    "Durable Task Scheduler, billing",
    inEach((deployment) =>
      made(deployment, scheduler)
        .map(({ properties }) => textAt(properties, "sku.name"))
        .filter((kind) => kind !== "Consumption" && kind !== "Dedicated")
        .map((kind) => `there is no scheduler of kind ${kind}`),
    ),
  ),
  rule(
    "scheduler-closed",
    "A private deployment whose jobs answer on a public address is not private.",
    "Durable Task Scheduler, private endpoints",
    inEach(
      (deployment) =>
        made(deployment, scheduler)
          .filter(
            ({ properties }) =>
              valueAt(properties, "publicNetworkAccess") !== "Disabled" ||
              listAt(properties, "ipAllowlist").length > 0,
          )
          .map(({ name }) => `${name} must let nobody in from outside`),
      whenPrivate,
    ),
  ),
];
