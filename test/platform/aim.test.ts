import { describe, expect, it } from "vitest";
import { NotHere, readAim, startsFunc, whyNotHere } from "../support/aim.ts";
import { aimedDarkroom, embeddedHostNeeded, ownHostNeeded } from "../support/aimed-darkroom.ts";

describe("the environment", () => {
  it("without DARKROOM_URL aims at nothing: the tests start hosts of their own", () => {
    expect(readAim({})).toBeUndefined();
    expect(readAim({ DARKROOM_URL: " ", DARKROOM_APP: "/somewhere" })).toBeUndefined();
  });

  it("aims at the host that it names, with as much of its environment as it names", () => {
    expect(readAim({ DARKROOM_URL: "https://name.example/" })).toEqual({ url: "https://name.example" });
    const all = {
      DARKROOM_URL: "http://127.0.0.1:7071",
      DARKROOM_KEY: "key",
      DARKROOM_MASTER_KEY: "master",
      DARKROOM_STORAGE: "UseDevelopmentStorage=true",
      DARKROOM_SIMULATOR: "http://127.0.0.1:9000/",
    };
    expect(readAim(all)).toEqual({
      url: "http://127.0.0.1:7071",
      key: "key",
      masterKey: "master",
      storage: "UseDevelopmentStorage=true",
      simulator: "http://127.0.0.1:9000",
    });
  });

  it.each([
    [{ DARKROOM_URL: "name.example" }, /DARKROOM_URL must be an address/],
    [{ DARKROOM_URL: "ftp://name.example" }, /DARKROOM_URL must be an address/],
    [{ DARKROOM_URL: "https://name.example/api" }, /without a path/],
    [{ DARKROOM_URL: "https://name.example", DARKROOM_SIMULATOR: "9000" }, /DARKROOM_SIMULATOR must be/],
    [{ DARKROOM_KEY: "key" }, /DARKROOM_KEY is set, but not DARKROOM_URL/],
  ])("that is %j is refused in a sentence", (environment, words) => {
    expect(() => readAim(environment)).toThrow(words);
  });
});

describe("DARKROOM_HOST", () => {
  it("says whether the tests start Microsoft's host, whose master key may be given", () => {
    expect([{}, { DARKROOM_HOST: "embedded" }, { DARKROOM_HOST: "func" }].map(startsFunc)).toEqual([
      false,
      false,
      true,
    ]);
    expect(readAim({ DARKROOM_HOST: "func", DARKROOM_MASTER_KEY: "key" })).toBeUndefined();
  });

  it("that is anything else, or beside a host that runs, is refused in a sentence", () => {
    expect(() => startsFunc({ DARKROOM_HOST: "azure" })).toThrow("DARKROOM_HOST must be func or embedded.");
    expect(() => startsFunc({ DARKROOM_HOST: "func", DARKROOM_URL: "http://127.0.0.1:1" })).toThrow(
      "give one",
    );
  });
});

describe("a host that runs already", () => {
  const aimed = aimedDarkroom({ url: "https://name.example", key: "key" });

  it("offers what was given, and of the rest each says what is missing", () => {
    expect([aimed.url, aimed.key]).toEqual(["https://name.example", "key"]);
    expect(() => aimed.storage).toThrow("needs the storage account, and DARKROOM_STORAGE isn't given");
    expect(() => aimed.simulator).toThrow("needs the simulator, and DARKROOM_SIMULATOR isn't given");
    expect(() => aimed.hostPid()).toThrow("needs the host's process");
    expect(() => aimed.webhookSecret).toThrow(NotHere);
  });

  it.each([
    [{ settings: { SIGNING_KEY: "x", API_KEYS: "{}" } }, /settings of its own \(SIGNING_KEY, API_KEYS\)/],
    [{ onRestart: () => undefined, simulatorArgs: [] }, /kills the host/],
    [{ deployments: () => [] }, /deployments/],
    [{ hostArgs: ["--enforce-keys"] }, /arguments of its own/],
    [{ simulatorArgs: ["--latency-scale", "1"] }, /simulator with arguments/],
    [{ data: "/data" }, /data folder/],
  ])("won't do for a file that asks for %j", (options, words) => {
    expect(ownHostNeeded(options)).toMatch(words);
  });

  it("will do for a file that asks for nothing, or for settings of the simulator alone", () => {
    expect(ownHostNeeded({})).toBeUndefined();
    expect(ownHostNeeded({ simulatorSettings: { retry_after_seconds: 2 } })).toBeUndefined();
  });
});

it("Microsoft's host won't do for a file that asks for instances or arguments of the embedded one", () => {
  expect(embeddedHostNeeded({ instances: 2 })).toContain("instances");
  expect(embeddedHostNeeded({ hostArgs: ["--enforce-keys"] })).toContain("arguments");
  expect(embeddedHostNeeded({ settings: { SIGNING_KEY: "x" }, onRestart: () => undefined })).toBeUndefined();
});

describe("the reason for a skip", () => {
  it("is found in the error, and in what an error was caused by", () => {
    const reason = new NotHere("needs the simulator");
    expect(whyNotHere(reason)).toBe("needs the simulator");
    expect(whyNotHere(new Error("no match", { cause: reason }))).toBe("needs the simulator");
  });

  it("is none for whatever else goes wrong", () => {
    expect(whyNotHere(new Error("needs the simulator"))).toBeUndefined();
    expect(whyNotHere("NotHere")).toBeUndefined();
  });
});
