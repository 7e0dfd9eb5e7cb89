/**
 * Which folder may import which: the one place where the arrows of ARCHITECTURE.md are declared. Adapters reach the rest
 * through ports; only `composition/`, `composition.ts` and `index.ts` join them. The core knows nothing of `connector/` and `dialects/`.
 *
 * Of a row: folders and files of `src/`, `node` for Node's own modules, `packages` for those of npm, or some by name.
 */
const core = ["async", "domain", "contracts", "ports", "jobs", "edits", "batches", "retention", "http"];

export const arrows = {
  async: ["@azure/functions"],
  domain: [],
  ports: ["domain"],
  contracts: ["domain", "zod", "zod-openapi"],
  // They replay: what an orchestration does is decided by its input and its history alone.
  orchestrations: ["domain", "contracts", "durable-functions"],
  activities: ["async", "domain", "contracts", "ports", "jobs", "edits", "node", "packages"],
  http: ["async", "domain", "contracts", "ports", "node", "packages"],
  jobs: ["async", "domain", "contracts", "ports", "http", "node", "packages"],
  edits: ["async", "domain", "contracts", "ports", "jobs", "http", "node", "packages"],
  batches: ["async", "domain", "contracts", "ports", "jobs", "edits", "http", "node", "packages"],
  retention: ["domain", "ports", "edits"],
  functions: [...core, "node", "packages"],
  // Two surfaces over the same jobs. Nothing but composition.ts and index.ts knows of them.
  connector: [...core, "functions", "node", "packages"],
  dialects: [...core, "functions", "node", "packages"],
  "adapters/azure": ["async", "domain", "contracts", "ports", "node", "packages"],
  "adapters/crypto": ["domain", "ports", "node", "packages"],
  "adapters/net": ["async", "domain", "ports", "node", "packages"],
  "adapters/node": ["domain", "ports", "node", "packages"],
  "adapters/openai": ["async", "domain", "ports", "adapters/net", "adapters/node", "node", "packages"],
  "adapters/storage": [
    "async",
    "domain",
    "ports",
    "adapters/crypto",
    "adapters/net",
    "adapters/node",
    "node",
    "packages",
  ],
  // The SDK is loaded where somebody listens, and by these two alone: `start.ts` is itself loaded on demand.
  "adapters/telemetry": ["domain", "ports", "node", "packages"],
  config: [
    "domain",
    "contracts",
    "adapters/openai/image-models.ts",
    "adapters/telemetry/start.ts",
    "node",
    "packages",
  ],
};

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[.@/]/g, "\\$&");
/** @param {string} name */
const place = (name) => (name.endsWith(".ts") ? `^src/${escaped(name)}$` : `^src/${name}/`);

/**
 * A target is allowed by its path; Node's own modules have none and are allowed by their kind.
 *
 * @param {string} name
 */
function allowed(name) {
  if (name === "packages") return "(^|/)node_modules/";
  if (name === "node") return undefined;
  const isPlace = name in arrows || name.includes(".ts");
  return isPlace ? place(name) : `(^|/)node_modules/(@types/)?${escaped(name)}/`;
}

const rules = Object.entries(arrows).flatMap(([from, targets]) => {
  const paths = [place(from), ...targets.map(allowed).filter((path) => path !== undefined)];
  const own = targets.includes("node") ? [] : ["core"];
  return [
    {
      name: `${from}-imports`,
      comment: `${from} may import ${targets.join(", ") || "nothing"} (and itself)`,
      severity: "error",
      from: { path: place(from) },
      to: { pathNot: paths, dependencyTypesNot: ["core"] },
    },
    ...own.map(() => ({
      name: `${from}-imports-no-node`,
      comment: `${from} may not import Node's own modules`,
      severity: "error",
      from: { path: place(from) },
      to: { dependencyTypes: ["core"] },
    })),
  ];
});

const sdkPart = "^src/adapters/telemetry/(opentelemetry|start)\\.ts$";
const sdk = `(^|/)node_modules/(@opentelemetry|@azure/monitor)|${sdkPart}`;
const products = "^(src|gallery|local|packages/[^/]+)/";

export default {
  forbidden: [
    ...rules,
    {
      name: "gallery-imports",
      comment: "gallery/ runs in browsers: it knows the types of src/contracts/ and nothing else of the app",
      severity: "error",
      from: { path: "^gallery/" },
      to: {
        pathNot: ["^gallery/", "^src/contracts/", "(^|/)node_modules/((@types/)?preact|swagger-ui-dist)/"],
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "gallery-imports-no-node",
      comment: "gallery/ may not import Node's own modules",
      severity: "error",
      from: { path: "^gallery/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "telemetry-sdk-on-demand",
      comment: "only telemetry/start.ts, itself loaded on demand, brings in the SDK",
      severity: "error",
      from: { path: "^src/", pathNot: sdkPart },
      to: { path: sdk, dependencyTypesNot: ["type-only"], dynamic: false },
    },
    {
      name: "app-and-host-are-strangers",
      comment:
        "src/ and the local stack import nothing of each other: the simulator is an independent witness",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(local|packages)/" },
    },
    {
      name: "local-stack-imports-no-app",
      comment: "the host, the simulator and the launcher run any app: they import nothing of this one",
      severity: "error",
      from: { path: "^(local|packages/[^/]+/src)/" },
      to: { path: "^(src|gallery)/" },
    },
    {
      name: "packages-are-strangers",
      comment: "each package is a product of its own",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/" },
      to: { path: "^(local|packages)/", pathNot: "^packages/$1/src/" },
    },
    {
      name: "product-imports-no-tests",
      comment: "neither the app nor the local stack imports tests or scripts",
      severity: "error",
      from: { path: products, pathNot: "^packages/[^/]+/test/" },
      to: { path: "^(test|scripts|packages/[^/]+/test)/" },
    },
    {
      name: "no-cycle",
      comment: "modules that load each other run before they are ready; types may refer to each other",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    exclude: { path: ["^dist/", "^packages/[^/]+/dist/"] },
    // Some packages name their parts by patterns of `exports` alone.
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};
