import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config/config.ts";
import { hashOfKey, problemsWith, settingsWith } from "../../support/settings.ts";

describe("settings that are all right", () => {
  it("are read once, frozen, with the usual values where nothing is said", () => {
    const config = settingsWith();
    expect(config).toMatchObject({
      storage: { connectionString: "UseDevelopmentStorage=true" },
      trustsEntraHeader: false,
      signingKey: "k".repeat(32),
      linkTtlHours: 24,
      jobDeadlineSeconds: 1_800,
      queueDeadlineSeconds: 1_800,
      retentionDays: 30,
      logPrompts: false,
      tokenScope: "https://ai.azure.com/.default",
    });
    expect([...config.apiKeys]).toEqual([["phone", hashOfKey]]);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("count as missing when they are empty, and lose the room around them", () => {
    expect(
      settingsWith({ LINK_TTL_HOURS: "  ", JOB_DEADLINE_SECONDS: " 60 ", QUEUE_DEADLINE_SECONDS: "90" }),
    ).toMatchObject({
      linkTtlHours: 24,
      jobDeadlineSeconds: 60,
      queueDeadlineSeconds: 90,
    });
  });
});

describe("settings that are missing", () => {
  it("are all reported in one list, in plain words", () => {
    expect(() => readConfig({})).toThrow(/5 setting\(s\) to mend:\n {2}- /);
    const names = ["IMAGE_DEPLOYMENTS", "IMAGES_STORAGE", "SIGNING_KEY", "AzureWebJobsStorage", "API_KEYS"];
    try {
      readConfig({});
    } catch (error) {
      for (const name of names) expect(String(error)).toContain(`- ${name} is missing: `);
    }
  });

  it.each(["IMAGES_STORAGE", "SIGNING_KEY", "AzureWebJobsStorage", "API_KEYS", "AZURE_OPENAI_ENDPOINT"])(
    "are found one by one: %s",
    (name) => {
      const problems = problemsWith({ [name]: undefined });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(name);
    },
  );
});

it("settings that are malformed are all reported in one list with those that are missing", () => {
  const problems = problemsWith({
    IMAGE_DEPLOYMENTS: "[{",
    IMAGES_STORAGE: "nonsense",
    SIGNING_KEY: "short",
    LINK_TTL_HOURS: "long",
    JOB_DEADLINE_SECONDS: "0",
    LOG_PROMPTS: "yes",
    API_KEYS: "{}",
    AzureWebJobsStorage: undefined,
  });
  expect(problems.map((line) => line.split(/[ :]/)[0]).sort()).toEqual([
    "API_KEYS",
    "AzureWebJobsStorage",
    "IMAGES_STORAGE",
    "IMAGE_DEPLOYMENTS",
    "JOB_DEADLINE_SECONDS",
    "LINK_TTL_HOURS",
    "LOG_PROMPTS",
    "SIGNING_KEY",
  ]);
});

describe("a number", () => {
  it.each([
    ["LINK_TTL_HOURS", "168", 168],
    ["LINK_TTL_HOURS", "0.5", 0.5],
    ["JOB_DEADLINE_SECONDS", "1", 1],
    ["QUEUE_DEADLINE_SECONDS", "1", 1],
    ["JOB_DEADLINE_SECONDS", "86400", 86_400],
    ["RETENTION_DAYS", "1", 1],
    ["RETENTION_DAYS", "3650", 3_650],
  ])("%s may be %s", (name, text, value) => {
    expect(Object.values(settingsWith({ [name]: text }))).toContain(value);
  });

  it.each([
    ["LINK_TTL_HOURS", "0"],
    ["LINK_TTL_HOURS", "168.1"],
    ["LINK_TTL_HOURS", "-1"],
    ["LINK_TTL_HOURS", "1,5"],
    ["LINK_TTL_HOURS", "NaN"],
    ["JOB_DEADLINE_SECONDS", "0.5"],
    ["RETENTION_DAYS", "0"],
    ["RETENTION_DAYS", "3651"],
    ["JOB_DEADLINE_SECONDS", "86401"],
    ["QUEUE_DEADLINE_SECONDS", "0"],
    ["JOB_DEADLINE_SECONDS", "Infinity"],
    ["JOB_DEADLINE_SECONDS", "ten"],
  ])("%s may not be %s, and is told its bounds", (name, text) => {
    const [problem, ...others] = problemsWith({ [name]: text });
    expect(problem).toMatch(new RegExp(`^${name} must be a number from .+ to \\d+\\.$`));
    expect(others).toEqual([]);
  });
});

it.each([
  ["true", true],
  ["TRUE", true],
  ["false", false],
  ["", false],
])("LOG_PROMPTS=%s means %s", (text, logPrompts) => {
  expect(settingsWith({ LOG_PROMPTS: text }).logPrompts).toBe(logPrompts);
});

it("a signing key has at least 32 characters", () => {
  expect(problemsWith({ SIGNING_KEY: "k".repeat(31) })).toEqual([
    "SIGNING_KEY must have at least 32 characters.",
  ]);
});

it.each(["SIGNING_KEY", "API_KEYS", "WEBHOOK_SECRETS"])(
  "%s isn't what App Service leaves of a reference that it could not follow",
  (name) => {
    const reference = `@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/${name.toLowerCase()})`;
    const [problem, ...others] = problemsWith({ [name]: reference });
    expect(problem).toMatch(new RegExp(`^${name} refers to a secret that could not be had`));
    expect(others).toEqual([]);
  },
);

describe("callers", () => {
  it.each([
    ["not JSON", "not valid JSON"],
    ["[]", "API_KEYS must be an object"],
    [`{"phone": "a plain key"}`, "64 hex digits"],
    [`{"phone": "${hashOfKey.slice(1)}"}`, "64 hex digits"],
    [`{"phone": 7}`, "API_KEYS"],
    [`{"": "${hashOfKey}"}`, "API_KEYS"],
    ["{}", "API_KEYS names no caller"],
  ])("as in %s are refused", (text, why) => {
    const [problem, ...others] = problemsWith({ API_KEYS: text });
    expect(problem).toContain(why);
    expect(others).toEqual([]);
  });

  it("need no keys where the platform checks sign-ins", () => {
    const config = settingsWith({ API_KEYS: undefined, WEBSITE_AUTH_ENABLED: "True" });
    expect([config.trustsEntraHeader, config.apiKeys.size]).toEqual([true, 0]);
    expect(problemsWith({ API_KEYS: "{}", WEBSITE_AUTH_ENABLED: "True" })).toEqual([]);
  });

  it.each(["False", "1", ""])("need keys where the platform says %j of its sign-ins", (text) => {
    expect(problemsWith({ API_KEYS: undefined, WEBSITE_AUTH_ENABLED: text })).toHaveLength(1);
  });

  it("are refused the SHA-256 of nothing, which an empty key would open", () => {
    const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(problemsWith({ API_KEYS: JSON.stringify({ phone: nothing }) })).toHaveLength(1);
  });
});

describe("storage", () => {
  const account =
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=S0VZ;EndpointSuffix=core.windows.net";

  it.each(["UseDevelopmentStorage=true", account])("may be %s", (connectionString) => {
    expect(settingsWith({ IMAGES_STORAGE: connectionString }).storage).toEqual({ connectionString });
  });

  it.each([
    "nonsense",
    "https://a.blob.core.windows.net",
    "DefaultEndpointsProtocol=https;AccountName=a",
    "BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=1",
  ])("may not be %s: it takes an account's name and key to sign links", (text) => {
    expect(problemsWith({ IMAGES_STORAGE: text })).toEqual([
      expect.stringMatching(/^IMAGES_STORAGE must be .*AccountName and AccountKey/),
    ]);
  });

  const identity = {
    IMAGES_STORAGE: undefined,
    IMAGES_STORAGE__blobServiceUri: "https://a.blob.core.windows.net",
    IMAGES_STORAGE__tableServiceUri: "https://a.table.core.windows.net",
    IMAGES_STORAGE__queueServiceUri: "https://a.queue.core.windows.net",
  };

  it("may be addresses, for use with an identity", () => {
    expect(settingsWith(identity).storage).toEqual({
      blobServiceUri: "https://a.blob.core.windows.net",
      tableServiceUri: "https://a.table.core.windows.net",
    });
  });

  it.each(["blob", "table", "queue"].map((service) => `IMAGES_STORAGE__${service}ServiceUri`))(
    "with an identity needs %s, as an https address",
    (name) => {
      expect(problemsWith({ ...identity, [name]: undefined })).toHaveLength(1);
      for (const text of ["a.blob.core.windows.net", "http://a.blob.core.windows.net", "account"])
        expect(problemsWith({ ...identity, [name]: text })).toEqual([expect.stringContaining(name)]);
    },
  );

  it("of the host may be given in parts", () => {
    const parts = { AzureWebJobsStorage: undefined, AzureWebJobsStorage__accountName: "a" };
    expect(problemsWith(parts)).toEqual([]);
    expect(problemsWith({ ...parts, AzureWebJobsStorage__accountName: "" })).toHaveLength(1);
  });
});

it("no value is ever repeated in a message, nor what was put where a name belongs", () => {
  const secret = "S3CRET-s3cret-0123456789abcdef";
  const messages = [
    problemsWith({ API_KEYS: `{"phone": "${secret}"}` }),
    problemsWith({ API_KEYS: `{"${secret}": "phone"}` }),
    problemsWith({ API_KEYS: `{"${secret.repeat(9)}": "${hashOfKey}"}` }),
    problemsWith({ API_KEYS: secret, SIGNING_KEY: secret, IMAGES_STORAGE: `AccountKey=${secret}` }),
    problemsWith({ LINK_TTL_HOURS: secret, JOB_DEADLINE_SECONDS: secret, LOG_PROMPTS: secret }),
    problemsWith({ IMAGE_DEPLOYMENTS: `[{"api_key": "${secret}"}]`, IMAGE_MODELS: `"${secret}"` }),
    problemsWith({ AZURE_OPENAI_ENDPOINT: secret }),
    problemsWith({
      IMAGE_DEPLOYMENTS: JSON.stringify([
        { name: "d", model: "dall-e-3", endpoint: "https://a.example", api_key_setting: secret },
      ]),
    }),
  ];
  expect(messages.every((problems) => problems.length > 0)).toBe(true);
  expect(messages.flat().join("\n")).not.toContain(secret);
});
