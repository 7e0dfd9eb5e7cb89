import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { webhookSecretOf } from "../../../local/settings.ts";
import { problemsWith, settingsWith } from "../../support/settings.ts";

const secret = (bytes: number) => `whsec_${randomBytes(bytes).toString("base64")}`;
const [first, second] = [secret(24), secret(64)];
const withSecrets = (value: unknown) => ({ WEBHOOK_SECRETS: JSON.stringify(value) });

it("one secret, or two while one replaces the other, belong to a caller", () => {
  const callers = { phone: first, "edit-inbox": [second], "entra:tenant:object": [first, second] };
  expect([...settingsWith(withSecrets(callers)).webhookSecrets]).toEqual([
    ["phone", [first]],
    ["edit-inbox", [second]],
    ["entra:tenant:object", [first, second]],
  ]);
});

it("without the setting nobody has one", () => {
  expect(settingsWith().webhookSecrets.size).toBe(0);
});

it.each([
  "canary-secret",
  first.replace("whsec_", ""),
  secret(23),
  secret(65),
  "whsec_",
  `${first}*`,
  `whsec_${"a-_b".repeat(8)}`,
  [],
  [first, second, first],
  [first, 7],
  7,
  { new: first },
])("what is no secret is told what it must be, and not repeated: %j", (value) => {
  const problems = problemsWith(withSecrets({ phone: value }));
  expect(problems).toEqual([
    "WEBHOOK_SECRETS, entry 1, must be a secret, or a list of two while one replaces the other: whsec_ and the base64 of 24 to 64 random bytes.",
  ]);
});

it.each(["tablet", first, "", "key:phone", "entra:", "entra:tenant"])(
  "a caller that nobody knows is told by its place, as a secret may stand there: %j",
  (caller) => {
    expect(problemsWith(withSecrets({ phone: first, [caller]: second }))).toEqual([
      "WEBHOOK_SECRETS, entry 2, must name a caller of API_KEYS, or EDIT_INBOX_CALLER, or entra:TENANT:OBJECT.",
    ]);
  },
);

it("what is no JSON is not repeated", () => {
  expect(problemsWith({ WEBHOOK_SECRETS: `{"phone": ${first}` })).toEqual([
    "WEBHOOK_SECRETS is not valid JSON.",
  ]);
});

it("the local start makes secrets that the app takes, whatever chance brings", () => {
  for (let time = 0; time < 50; time += 1) {
    const made = webhookSecretOf(randomBytes(24).toString("base64url"));
    expect(settingsWith(withSecrets({ phone: made })).webhookSecrets.get("phone")).toEqual([made]);
  }
});
