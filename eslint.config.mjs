import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Bans imports by pattern, each with the reason a reader needs. */
const forbid = (...patterns) => ({
  "no-restricted-imports": "off",
  "@typescript-eslint/no-restricted-imports": ["error", { patterns }],
});
const local = {
  group: ["**/local/**"],
  message: "src/ and local/ stay strangers: the simulator is an independent witness.",
};

export default tseslint.config(
  { ignores: ["dist/", "out/", ".data/", ".reports/", "coverage/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  // Arrows go one way; only index.ts joins adapters to the rest.
  {
    files: ["src/domain/**"],
    rules: forbid({
      regex: "^(?!\\./)",
      message: "domain/ imports nothing but domain/: no SDK, no Node, no clock.",
    }),
  },
  {
    files: ["src/contracts/**"],
    rules: forbid(local, {
      regex: "\\.\\./(?!domain/)",
      message: "contracts/ may import domain/ only.",
    }),
  },
  {
    files: ["src/orchestrations/**"],
    // call.ts builds a timer's date from replay-safe time; it is the one doorway.
    rules: {
      ...forbid(local, {
        regex:
          "^(node:|@azure/|openai|sharp|\\.\\./(activities|functions|openai|storage|platform|telemetry|config))",
        message: "Orchestrations replay: input, replay-safe time, step calls, timers and domain/ only.",
      }),
      "no-restricted-globals": [
        "error",
        ...[
          "Date",
          "fetch",
          "setTimeout",
          "setInterval",
          "setImmediate",
          "process",
          "console",
          "crypto",
          "performance",
        ].map((name) => ({ name, message: "Not replay-safe inside an orchestration." })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Not replay-safe." },
      ],
    },
  },
  { files: ["src/orchestrations/call.ts"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["src/activities/**", "src/functions/**"],
    rules: forbid(local, {
      regex: "^\\.\\./(openai|storage|platform|telemetry|config|orchestrations)",
      message: "Adapters arrive through ports; only index.ts imports them.",
    }),
  },
  {
    files: ["src/page/**"],
    rules: forbid(local, {
      regex: "^(node:|@azure/|\\.\\./\\.\\./(?!contracts/))",
      message: "The page runs in browsers: it knows the types of contracts/ and nothing else of the app.",
    }),
  },
  {
    files: ["src/openai/**", "src/storage/**", "src/platform/**"],
    rules: forbid(local, {
      regex: "^\\.\\./(functions|activities|orchestrations|telemetry)",
      message: "Adapters know contracts, ports and domain/ only.",
    }),
  },
  {
    files: ["src/ports/**"],
    rules: forbid(local, {
      regex: "^(@|node:|\\.\\./(?!domain/|records\\.ts))",
      message: "Ports are said in our own words: domain/ and records, no SDK and no adapter.",
    }),
  },
  {
    files: ["src/telemetry/**"],
    rules: forbid(local, {
      regex: "^\\.\\./(?!domain/|ports\\.ts|records\\.ts)",
      message: "telemetry/ stands around ports: it knows them, records and domain/, and no adapter.",
    }),
  },
  {
    // The SDK is loaded where somebody listens, and by these two alone.
    files: ["src/**"],
    ignores: ["src/telemetry/opentelemetry.ts", "src/telemetry/start.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "ImportDeclaration[importKind!='type'][source.value=/^@opentelemetry|^@azure\\u002fmonitor|\\u002f(opentelemetry|start)\\.ts$/]",
          message: "Only telemetry/start.ts, itself loaded on demand, brings in the SDK.",
        },
      ],
    },
  },
  {
    files: ["local/**"],
    rules: forbid({ group: ["**/src/**"], message: "local/ imports nothing from src/." }),
  },
  { files: ["local/**", "scripts/**"], rules: { "no-console": "off" } },
  {
    files: ["src/**"],
    ignores: ["src/config.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only config.ts reads the environment." },
        { object: "Math", property: "random", message: "Use crypto where chance is wanted." },
      ],
    },
  },
  {
    files: ["test/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.property.name=/^(only|skip)$/][callee.object.name=/^(it|test|describe)$/]",
          message: "No focused or skipped tests.",
        },
      ],
      "@typescript-eslint/no-non-null-assertion": "off",
      // A typed fake of an asynchronous port has nothing to wait for.
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
);
