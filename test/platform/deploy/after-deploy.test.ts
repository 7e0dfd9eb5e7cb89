import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeAzure } from "../../support/fake-az.ts";

const scripts = new URL("../../../scripts/deploy/", import.meta.url).pathname;
let azure: FakeAzure;

beforeEach(async () => {
  azure = await FakeAzure.start(await mkdtemp(join(tmpdir(), "darkroom-fake-az-")));
});
afterEach(async () => {
  await azure.stop();
  await rm(azure.folder, { recursive: true, force: true });
});

interface Ended {
  code: number;
  out: string;
  error: string;
}

function run(environment: NodeJS.ProcessEnv = {}, step = "after-deploy"): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...azure.environment, ...environment };
    // To the step alone, and not on to the `az` that it calls.
    const options = process.env["NODE_OPTIONS"]?.split(" ") ?? [];
    execFile(process.execPath, [...options, `${scripts}${step}.ts`], { env }, (failure, out, error) => {
      resolve({ code: failure ? Number(failure.code) : 0, out, error });
    });
  });
}

const keyIn = (text: string) => /dk_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? "";
const everything = [
  "secret signing-key",
  "secret webhook-secrets",
  "secret api-keys",
  "secret api-keys",
  "refresh",
  "restart",
  "subscription of edit-inbox by evgt-darkroom",
];

describe("the step after deployment", () => {
  it("makes all that is missing, and prints the address, a first key and a line to try it with", async () => {
    const { code, out, error } = await run();
    expect([code, error]).toEqual([0, ""]);
    const key = keyIn(out);
    const { secrets, changes, calls, subscription } = azure.cloud();
    expect(changes).toEqual(everything);
    expect(JSON.parse(secrets["api-keys"] ?? "")).toEqual({
      first: createHash("sha256").update(key).digest("hex"),
    });
    expect(secrets["signing-key"]?.length).toBeGreaterThanOrEqual(32);
    expect(out).toContain(`Darkroom is at ${azure.url}`);
    expect(out).toMatch(new RegExp(`curl .*${azure.url}/api/images/generations.*${key}`));
    expect(new URL(subscription?.endpointUrl ?? "").searchParams.get("code")).toBe("event+key/1==");
    // Command lines are for all on a machine to see.
    const lines = calls.flat().join(" ");
    for (const secret of [...Object.values(secrets).filter((value) => value !== "{}"), key, "event+key/1=="])
      expect(lines).not.toContain(secret);
    expect(await readdir(join(azure.folder, "temporary"))).toEqual([]);
  });

  it("changes nothing when it runs twice more", async () => {
    await run();
    const { secrets } = azure.cloud();
    for (let again = 0; again < 2; again += 1) {
      const { code, out, error } = await run();
      expect([code, error, keyIn(out)]).toEqual([0, "", ""]);
      expect(out).toContain(azure.url);
    }
    const after = azure.cloud();
    expect(after.changes).toEqual(everything);
    expect(after.secrets).toEqual(secrets);
  });

  it("finds the secrets that were made before the code came, and makes the first key alone", async () => {
    const before = await run({}, "after-provision");
    expect([before.code, before.error, keyIn(before.out)]).toEqual([0, "", ""]);
    const { changes, secrets } = azure.cloud();
    expect(changes).toEqual(["secret signing-key", "secret webhook-secrets", "secret api-keys", "refresh"]);
    expect(secrets["api-keys"]).toMatch(/^\{"nobody":"[0-9a-f]{64}"\}$/);
    await run({}, "after-provision");
    expect(azure.cloud().changes).toEqual(changes);
    const { code, out } = await run();
    const after = azure.cloud();
    expect([code, after.changes.slice(4)]).toEqual([0, ["secret api-keys", ...everything.slice(4)]]);
    expect(JSON.parse(after.read["api-keys"] ?? "")).toEqual({
      first: createHash("sha256").update(keyIn(out)).digest("hex"),
    });
    expect(after.secrets["signing-key"]).toBe(secrets["signing-key"]);
    await run({}, "after-provision");
    expect(azure.cloud().secrets).toEqual(after.secrets);
  });

  it("makes no key where others read what it prints, and says how to get one", async () => {
    const { code, out } = await run({ CI: "true" });
    expect([code, keyIn(out)]).toEqual([0, ""]);
    expect(out).toContain("azd hooks run postdeploy");
    expect(azure.cloud().secrets["api-keys"]).toMatch(/^\{"nobody":"[0-9a-f]{64}"\}$/);
    expect(keyIn((await run()).out)).not.toBe("");
  });

  it.each(["TF_BUILD", "JENKINS_URL"])(
    "makes no key in a pipeline that tells of itself by %s alone",
    async (name) => {
      const { code, out } = await run({ [name]: "True" });
      expect([code, keyIn(out)]).toEqual([0, ""]);
    },
  );

  it("subscribes anew when the app's key for events was rotated", async () => {
    await run();
    azure.change({ eventKey: "another", changes: [] });
    await run();
    const { changes, subscription } = azure.cloud();
    expect(changes).toEqual(["subscription of edit-inbox by evgt-darkroom"]);
    expect(subscription?.endpointUrl).toMatch(/code=another$/);
  });

  it("starts an app anew that has its secrets and does not answer", async () => {
    await run();
    azure.change({ read: {}, changes: [] });
    expect((await run()).code).toBe(0);
    expect(azure.cloud().changes).toEqual(["refresh", "restart"]);
  });

  it.each([
    ["^functionapp keys list", "Encountered an error (InternalServerError) from host runtime."],
    ["^deployment group create", "(Forbidden) The identity may not write to the dead-letter container yet"],
  ])("waits until roles have spread and the host has started: %s", async (call, says) => {
    azure.change({ failure: { call, says, times: 2 } });
    const { code, error } = await run({ AFTER_DEPLOY_PATIENCE_SECONDS: "60" });
    expect([code, error]).toEqual([0, ""]);
    const { changes, calls } = azure.cloud();
    expect(changes).toEqual(everything);
    expect(calls.filter((words) => new RegExp(call).test(words.join(" ")))).toHaveLength(3);
  });

  it("shows the first key even where what follows fails, since nobody can read it again", async () => {
    azure.change({ failure: { call: "^functionapp restart", says: "(Conflict) Cannot do that now" } });
    const { code, out } = await run();
    expect(code).toBe(1);
    const { secrets } = azure.cloud();
    expect(secrets["api-keys"]).toContain(createHash("sha256").update(keyIn(out)).digest("hex"));
  });
});

const failures: { call: string; says: string; advice: RegExp }[] = [
  { call: "^account show", says: "Please run 'az login' to setup account.", advice: /run `az login`/ },
  { call: "^account show", says: "AADSTS700082: The refresh token has expired", advice: /run `az login`/ },
  {
    call: "get .*signing-key",
    says: "Forbidden(AuthorizationFailed) The client does not have authorization",
    advice: /role Contributor/,
  },
  {
    call: "get .*signing-key",
    says: "HTTPSConnectionPool: Max retries exceeded with url",
    advice: /is online/,
  },
  { call: "put .*signing-key", says: "Not Found(ParentResourceNotFound)", advice: /azd provision/ },
  {
    call: "put .*api-keys",
    says: 'Conflict({"error":{"code":"Conflict","message":"Secret api-keys is currently in a deleted but recoverable state"}})',
    advice: /purge it/,
  },
  { call: "post .*refresh", says: "Internal Server Error", advice: /azd provision/ },
  { call: "^functionapp restart", says: "(429) TooManyRequests", advice: /wait for a few minutes/ },
  { call: "^functionapp keys", says: "(500) The host isn't ready", advice: /azd deploy/ },
  { call: "^eventgrid .* show", says: "'eventgrid' is misspelled", advice: /event topic exists/ },
  {
    call: "^deployment group create",
    says: "URL validation: Webhook validation handshake failed for code=event+key/1==",
    advice: /api\/health answers/,
  },
];

describe("a failure of the step after deployment", () => {
  it.each(failures)(
    "of `$call` is one sentence that says what to do, and mends itself: $says",
    async (failure) => {
      azure.change({ failure: failure });
      const { code, error, out } = await run();
      expect(code).toBe(1);
      expect(error).toMatch(/^[^\n]+\.\n$/);
      expect(error).toMatch(failure.advice);
      expect(error).not.toContain("event+key/1==");
      expect(await readdir(join(azure.folder, "temporary"))).toEqual([]);
      azure.change({ failure: { call: "^nothing$", says: "" } });
      const second = await run();
      expect([second.code, second.error]).toEqual([0, ""]);
      expect([keyIn(out), keyIn(second.out)].filter((key) => key !== "")).toHaveLength(1);
      expect([...new Set(azure.cloud().changes)].sort()).toEqual([...new Set(everything)].sort());
    },
  );

  it("without az says where to get it", async () => {
    const { code, error } = await run({ PATH: join(azure.folder, "temporary") });
    expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]*aka\.ms\/azure-cli[^\n]*\.\n$/)]);
  });

  it("without az before the code is there asks for that step again, not for the one after it", async () => {
    const { code, error } = await run({ PATH: join(azure.folder, "temporary") }, "after-provision");
    expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]*aka\.ms\/azure-cli[^\n]*\.\n$/)]);
    expect(error).not.toContain("postdeploy");
  });

  it("without what azd knows names all that is missing", async () => {
    const { code, error } = await run({ KEY_VAULT_NAME: "", EVENT_TOPIC_NAME: undefined });
    expect(code).toBe(1);
    expect(error).toMatch(
      /^KEY_VAULT_NAME, EVENT_TOPIC_NAME aren't set: [^\n]*azd hooks run postdeploy[^\n]*\.\n$/,
    );
  });

  it("of an app that never answers says where to read why", async () => {
    const { code, error } = await run({ DARKROOM_URL: "http://127.0.0.1:9" });
    expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]*az webapp log tail[^\n]*\.\n$/)]);
  });

  it("of an app without a key for events says to wait", async () => {
    azure.change({ eventKey: "" });
    const { code, error } = await run();
    expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]*blobs_extension[^\n]*\.\n$/)]);
  });
});
