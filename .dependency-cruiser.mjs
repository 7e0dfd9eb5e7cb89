/**
 * Which folder may import which: the one place where the arrows of ARCHITECTURE.md are declared. Adapters (`openai`,
 * `storage`, `platform`, `telemetry`) reach the rest through ports; only `index.ts` joins them.
 *
 * Of a row: folders and files of `src/`, `node` for Node's own modules, `packages` for those of npm, or some by name.
 */
export const arrows = {
  domain: [],
  "records.ts": ["domain", "contracts"],
  ports: ["domain", "records.ts"],
  "ports.ts": ["ports"],
  contracts: ["domain", "zod", "zod-openapi"],
  "job-view.ts": ["domain", "contracts", "records.ts"],
  "connector-view.ts": ["domain", "contracts", "records.ts", "ports.ts", "job-view.ts"],
  // They replay: what an orchestration does is decided by its input and its history alone.
  orchestrations: ["domain", "contracts", "durable-functions"],
  activities: [
    ...["domain", "contracts", "records.ts", "ports.ts", "job-view.ts", "connector-view.ts", "intake"],
    ...["node", "packages"],
  ],
  intake: ["domain", "contracts", "records.ts", "ports.ts", "node", "packages"],
  retention: ["domain", "records.ts", "ports.ts", "intake"],
  functions: [
    ...[
      "domain",
      "contracts",
      "records.ts",
      "ports.ts",
      "job-view.ts",
      "connector-view.ts",
      "intake",
      "retention",
    ],
    ...["node", "packages"],
  ],
  // Other services' HTTP surfaces over the same jobs. Nothing but index.ts knows of them.
  dialects: [
    ...["domain", "contracts", "records.ts", "ports.ts", "job-view.ts", "intake", "functions"],
    ...["node", "packages"],
  ],
  platform: ["domain", "contracts", "ports.ts", "node", "packages"],
  openai: ["domain", "records.ts", "ports.ts", "platform", "node", "packages"],
  storage: ["domain", "records.ts", "ports.ts", "platform", "node", "packages"],
  // The SDK is loaded where somebody listens, and by these two alone: `start.ts` is itself loaded on demand.
  telemetry: ["domain", "records.ts", "ports.ts", "node", "packages"],
  // It runs in browsers: it knows the types of `contracts/` and nothing else of the app.
  page: ["contracts", "preact"],
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
  return name in arrows ? place(name) : `(^|/)node_modules/(@types/)?${escaped(name)}/`;
}

const rules = Object.entries(arrows).flatMap(([from, targets]) => {
  const paths = [place(from), ...targets.map(allowed).filter((path) => path !== undefined)];
  const core = targets.includes("node") ? [] : ["core"];
  return [
    {
      name: `${from}-imports`,
      comment: `${from} may import ${targets.join(", ") || "nothing"} (and itself)`,
      severity: "error",
      from: { path: place(from) },
      to: { pathNot: paths, dependencyTypesNot: ["core"] },
    },
    ...core.map(() => ({
      name: `${from}-imports-no-node`,
      comment: `${from} may not import Node's own modules`,
      severity: "error",
      from: { path: place(from) },
      to: { dependencyTypes: ["core"] },
    })),
  ];
});

const sdk = "(^|/)node_modules/(@opentelemetry|@azure/monitor)|^src/telemetry/(opentelemetry|start)\\.ts$";

export default {
  forbidden: [
    ...rules,
    {
      name: "telemetry-sdk-on-demand",
      comment: "only telemetry/start.ts, itself loaded on demand, brings in the SDK",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/telemetry/(opentelemetry|start)\\.ts$" },
      to: { path: sdk, dependencyTypesNot: ["type-only"], dynamic: false },
    },
    {
      name: "app-and-host-are-strangers",
      comment: "src/ and local/ import nothing of each other: the simulator is an independent witness",
      severity: "error",
      from: { path: "^(src|local)/" },
      to: { path: "^(src|local)/", pathNot: "^$1/" },
    },
    {
      name: "product-imports-no-tests",
      comment: "neither the app nor the local stack imports tests or scripts",
      severity: "error",
      from: { path: "^(src|local)/" },
      to: { path: "^(test|scripts)/" },
    },
    {
      name: "no-cycle",
      comment: "modules that load each other run before they are ready; types may refer to each other",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: { doNotFollow: { path: "node_modules" }, tsPreCompilationDeps: true, exclude: { path: "^dist/" } },
};
