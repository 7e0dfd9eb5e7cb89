import { asText, type Value } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import {
  at,
  calls,
  listAt,
  made,
  missing,
  must,
  type Place,
  type Rule,
  textAt,
  valueAt,
  whenPrivate,
} from "./rule.ts";

/** Private DNS zone of every service that is closed, by the sub-resource an endpoint names. */
const zones: Record<string, string> = {
  blob: "privatelink.blob.core.windows.net",
  queue: "privatelink.queue.core.windows.net",
  table: "privatelink.table.core.windows.net",
  vault: "privatelink.vaultcore.azure.net",
  account: "privatelink.openai.azure.com",
  scheduler: "privatelink.durabletask.io",
};

interface Endpoint {
  service: string;
  zoneIds: string[];
  subnet: string;
  call: Deployed;
  path: string;
}

function endpointsOf(shape: Shape): Endpoint[] {
  const zoneIds = (endpoint: Value) =>
    listAt(endpoint, "privateDnsZoneGroup.privateDnsZoneGroupConfigs").map((each) =>
      textAt(each, "privateDnsZoneResourceId"),
    );
  const inModules = shape.deployed.flatMap((call) =>
    listAt(call.body, "privateEndpoints").map((endpoint) => ({
      service: textAt(endpoint, "service"),
      zoneIds: zoneIds(endpoint),
      subnet: textAt(endpoint, "subnetResourceId"),
      call,
      path: "privateEndpoints",
    })),
  );
  const onTheirOwn = calls(shape, "network/private-endpoint").map((call) => ({
    service:
      listAt(call.body, "privateLinkServiceConnections").flatMap((each) =>
        listAt(each, "properties.groupIds").map(asText),
      )[0] ?? "",
    zoneIds: zoneIds(call.body),
    subnet: textAt(call.body, "subnetResourceId"),
    call,
    path: "privateLinkServiceConnections",
  }));
  return [...inModules, ...onTheirOwn];
}

function eachEndpoint(fits: (endpoint: Endpoint, shape: Shape) => boolean, message: string): Rule["check"] {
  return ({ shapes }) =>
    shapes.flatMap((shape) =>
      endpointsOf(shape)
        .filter((endpoint) => !fits(endpoint, shape))
        .map(({ call, path, service }): Place => at(call, path, `${service}: ${message}`)),
    );
}

function wanted({ isPrivate, usesScheduler }: Shape): string[] {
  return isPrivate ? Object.keys(zones).filter((service) => service !== "scheduler" || usesScheduler) : [];
}

export const networkRules: Rule[] = [
  ...Object.keys(zones).map((service): Rule => ({
    name: `endpoint-${service}`,
    why: "A service that is closed, and has no endpoint in the network, is reached by nobody at all.",
    source: "Azure Private Link, sub-resources",
    check: ({ shapes }) =>
      shapes
        .filter(
          (shape) =>
            wanted(shape).includes(service) && !endpointsOf(shape).some((each) => each.service === service),
        )
        .map(() => missing(`No private endpoint for ${service} where private access is chosen.`)),
  })),
  {
    name: "endpoint-zone",
    why: "Without its zone the name leads to the public address, which is closed.",
    source: "Azure Private Link, private DNS zone values",
    check: eachEndpoint(
      ({ service, zoneIds }) =>
        zoneIds.some((id) => id.endsWith(`/privateDnsZones/${zones[service] ?? "?"}`)),
      "its endpoint must be in the DNS zone of the service.",
    ),
  },
  {
    name: "zones-exist",
    why: "A zone that isn't made can't be joined.",
    source: "Azure Private Link, private DNS zone values",
    check: ({ shapes }) =>
      shapes.flatMap((shape) => {
        const there = calls(shape, "network/private-dns-zone").map(({ name }) => name);
        return endpointsOf(shape).flatMap(({ zoneIds, service }) =>
          zoneIds
            .filter((id) => !there.includes(id.split("/").at(-1) ?? ""))
            .map(() =>
              missing(`${service}: the DNS zone of its endpoint isn't made.`, "infra/modules/network.bicep"),
            ),
        );
      }),
  },
  {
    name: "zones-linked",
    why: "A zone that isn't linked answers nobody in the network.",
    source: "Azure DNS, virtual network links",
    check: must({
      module: "network/private-dns-zone",
      path: "virtualNetworkLinks",
      is: (value) => Array.isArray(value) && value.length > 0,
      when: whenPrivate,
      message: "The zone must be linked to the network.",
    }),
  },
  {
    name: "public-has-no-endpoints",
    why: "Endpoints cost by the hour, and a public deployment has no network for them.",
    source: "Azure Private Link, pricing",
    check: ({ shapes }) =>
      shapes
        .filter(({ isPrivate }) => !isPrivate)
        .flatMap((shape) => [
          ...endpointsOf(shape).map(({ call, path }) =>
            at(call, path, "A public deployment must have no private endpoints."),
          ),
          ...calls(shape, "network/virtual-network").map((call) =>
            at(call, "name", "A public deployment must have no network."),
          ),
        ]),
  },
  {
    name: "subnet-delegated",
    why: "Flex Consumption joins no subnet that isn't given over to it.",
    source: "Flex Consumption, virtual network integration",
    check: must({
      module: "network/virtual-network",
      path: "subnets",
      is: (value) =>
        Array.isArray(value) &&
        value.some((subnet) => textAt(subnet, "delegation") === "Microsoft.App/environments"),
      when: whenPrivate,
      message: "One subnet must be delegated to Microsoft.App/environments.",
    }),
  },
  {
    name: "subnet-name",
    why: "Flex Consumption takes no subnet with an underscore in its name.",
    source: "Flex Consumption, virtual network integration",
    check: must({
      module: "network/virtual-network",
      path: "subnets",
      is: (value) => Array.isArray(value) && value.every((subnet) => !textAt(subnet, "name").includes("_")),
      when: whenPrivate,
      message: "No subnet's name may hold an underscore.",
    }),
  },
  {
    name: "endpoints-apart",
    why: "A delegated subnet takes no endpoints.",
    source: "Azure Private Link, limits",
    check: ({ shapes }) =>
      shapes.flatMap((shape) => {
        const apps = calls(shape, "web/site").map(({ body }) =>
          textAt(body, "virtualNetworkSubnetResourceId"),
        );
        return endpointsOf(shape)
          .filter(({ subnet }) => apps.includes(subnet))
          .map(({ call, path, service }) =>
            at(call, path, `${service}: its endpoint must not be in the app's subnet.`),
          );
      }),
  },
  {
    name: "scheduler-only-when-chosen",
    why: "A scheduler that nobody uses is paid for, and one that isn't made is missed.",
    source: "Durable Task Scheduler, billing",
    check: ({ shapes }) =>
      shapes
        .filter(
          (shape) => (made(shape, "Microsoft.DurableTask/schedulers").length === 1) !== shape.usesScheduler,
        )
        .map(() => missing("There must be a scheduler exactly where it is the backend.")),
  },
  {
    name: "scheduler-closed",
    why: "A private deployment whose jobs answer on a public address is not private.",
    source: "Durable Task Scheduler, private endpoints",
    check: ({ shapes }) =>
      shapes
        .filter(whenPrivate)
        .flatMap((shape) => made(shape, "Microsoft.DurableTask/schedulers"))
        .filter(
          ({ body }) =>
            valueAt(body, "properties.publicNetworkAccess") !== "Disabled" ||
            listAt(body, "properties.ipAllowlist").length > 0,
        )
        .map((scheduler) =>
          at(
            scheduler,
            "properties",
            "The scheduler must let nobody in from outside where private access is chosen.",
          ),
        ),
  },
];
