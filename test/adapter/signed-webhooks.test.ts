import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type MockInstance,
  vi,
} from "vitest";
import { signedWebhooks, type SignedWebhooksOptions } from "../../src/adapters/net/signed-webhooks.ts";
import { systemClock } from "../../src/adapters/node/system-clock.ts";
import { forbiddenAddressSample, hostileUrlSample, rebindingNames } from "../support/hostile-urls.ts";
import { signedHeaders, WebhookReceiver } from "../support/webhook-receiver.ts";

const newSecret = () => `whsec_${randomBytes(24).toString("base64")}`;
const [secret, newer, stranger] = [newSecret(), newSecret(), newSecret()];
const body = JSON.stringify({
  type: "job.succeeded",
  timestamp: "2026-01-02T03:04:09.000Z",
  data: { prompt: "é🎈" },
});
const id = "dlv_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k";

const receiver = new WebhookReceiver();
let connecting: MockInstance;
beforeAll(() => receiver.listen());
afterAll(() => receiver.close());
/** Every socket that this process opens passes this one method. */
beforeEach(() => {
  receiver.received.length = 0;
  receiver.connections = 0;
  receiver.answer = (_received, response) => response.writeHead(204).end();
  connecting = vi.spyOn(Socket.prototype, "connect");
});
afterEach(() => connecting.mockRestore());

const webhooksWith = (change: Partial<SignedWebhooksOptions> = {}) =>
  signedWebhooks({
    secrets: new Map([["key:phone", [secret]]]),
    allowlist: [receiver.origin],
    clock: systemClock,
    ...change,
  });

const sendTo = (path = "/hook?token=s3cret", change: Partial<SignedWebhooksOptions> = {}) =>
  webhooksWith(change).send({ caller: "key:phone", url: receiver.origin + path, id, body });

const onlyOne = () => {
  const [received, ...more] = receiver.received;
  if (!received || more.length > 0) throw new Error(`${receiver.received.length} POSTs arrived`);
  return received;
};

const openai = (webhookSecret: string) => new OpenAI({ apiKey: "none", webhookSecret });

describe("what is sent", () => {
  it("is verified by standardwebhooks, and by OpenAI's own client", async () => {
    expect(await sendTo()).toEqual({ kind: "answered", status: 204, retryAfterMs: 0 });
    const received = onlyOne();
    expect(new Webhook(secret).verify(received.body, signedHeaders(received))).toEqual(JSON.parse(body));
    expect(await openai(secret).webhooks.unwrap(received.body, signedHeaders(received))).toEqual(
      JSON.parse(body),
    );
  });

  it("is refused by both when a byte is changed, or with another's secret", async () => {
    await sendTo();
    const received = onlyOne();
    const headers = signedHeaders(received);
    const changed = received.body.replace("succeeded", "succeedeD");
    expect(() => new Webhook(secret).verify(changed, headers)).toThrow();
    expect(() => new Webhook(stranger).verify(received.body, headers)).toThrow();
    await expect(openai(secret).webhooks.unwrap(changed, headers)).rejects.toThrow();
    await expect(openai(stranger).webhooks.unwrap(received.body, headers)).rejects.toThrow();
  });

  it("is verified with either secret while one replaces the other", async () => {
    await sendTo("/hook", { secrets: new Map([["key:phone", [newer, secret]]]) });
    const received = onlyOne();
    for (const either of [newer, secret]) {
      new Webhook(either).verify(received.body, signedHeaders(received));
      await openai(either).webhooks.unwrap(received.body, signedHeaders(received));
    }
    expect(received.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  });

  it("is one POST of JSON to the whole address, without cookies or credentials", async () => {
    await sendTo();
    const { path, headers } = onlyOne();
    expect([path, headers["content-type"], headers["webhook-id"]]).toEqual([
      "/hook?token=s3cret",
      "application/json",
      id,
    ]);
    expect([headers.cookie, headers.authorization, headers["api-key"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is never unsigned: without a secret nothing is sent, nor is a socket opened", async () => {
    expect(webhooksWith().canSign("key:phone")).toBe(true);
    for (const secrets of [new Map<string, string[]>(), new Map([["key:phone", []]])]) {
      expect(webhooksWith({ secrets }).canSign("key:phone")).toBe(false);
      expect(await sendTo("/", { secrets })).toMatchObject({
        kind: "unanswered",
        reason: expect.stringContaining("WEBHOOK_SECRETS") as string,
      });
    }
    expect([receiver.received.length, connecting.mock.calls.length]).toEqual([0, 0]);
  });
});

describe("a receiver", () => {
  it.each([301, 302, 303, 307, 308])("that redirects with %i is not followed", async (status) => {
    const location = `${receiver.origin}/elsewhere`;
    receiver.answer = (_received, response) => response.writeHead(status, { location }).end();
    expect(await sendTo()).toMatchObject({ kind: "answered", status });
    expect([receiver.received.length, receiver.connections]).toEqual([1, 1]);
  });

  it.each([
    ["7", 7_000],
    [new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
    ["soon", 0],
    ["-5", 0],
  ])("that asks for a pause of %j is heard", async (pause, ms) => {
    receiver.answer = (_received, response) => response.writeHead(429, { "retry-after": pause }).end();
    const reply = await sendTo();
    if (reply.kind !== "answered") throw new Error("It was not answered.");
    expect(Math.abs(reply.retryAfterMs - ms)).toBeLessThan(5_000);
  });

  it("that never answers is given up", async () => {
    receiver.answer = () => undefined;
    expect(await sendTo("/", { answerWithinMs: 150 })).toEqual({
      kind: "unanswered",
      reason: "The receiver gave no answer within 0.15 seconds.",
    });
  });

  it("that answers and then talks without end is taken at its first word", async () => {
    let ended = false;
    receiver.answer = (_received, response) => {
      response.writeHead(200);
      const talking = setInterval(() => response.write("x".repeat(1_000)), 5);
      response.on("close", () => {
        clearInterval(talking);
        ended = true;
      });
    };
    expect(await sendTo()).toMatchObject({ kind: "answered", status: 200 });
    await vi.waitFor(() => expect(ended).toBe(true), 5_000);
  });

  it("that answers 200 and then says nothing is taken at its word when the time is up", async () => {
    receiver.answer = (_received, response) => void response.writeHead(200).write("…");
    expect(await sendTo("/", { answerWithinMs: 200 })).toMatchObject({ kind: "answered", status: 200 });
  });

  it.each<[string, (socket: Socket) => void]>([
    ["hangs up", (socket) => socket.destroy()],
    ["answers what is no HTTP", (socket) => socket.end("HELLO canary\r\n\r\n")],
  ])("that %s is a failure, and not a word of its answer is repeated", async (_name, misbehave) => {
    receiver.answer = (_received, response) => {
      if (response.socket) misbehave(response.socket);
    };
    expect(await sendTo()).toEqual({
      kind: "unanswered",
      reason: "The receiver broke off without an answer that can be read.",
    });
  });

  it("that isn't there is a failure", async () => {
    const gone = new WebhookReceiver();
    await gone.listen();
    await gone.close();
    const webhooks = webhooksWith({ allowlist: [gone.origin] });
    expect(
      await webhooks.send({ caller: "key:phone", url: `${gone.origin}/?token=s3cret`, id, body }),
    ).toEqual({
      kind: "unanswered",
      reason: "webhook_url names a host that can't be reached.",
    });
  });
});

describe("an address that may not be called", () => {
  const notAllowed = { allowlist: ["http://allowed.example:9000"] };
  const forbidden = "webhook_url leads to an address that isn't public; only public hosts are connected to.";
  const send = (url: string, change: Partial<SignedWebhooksOptions>) =>
    webhooksWith({ ...notAllowed, ...change }).send({ caller: "key:phone", url, id, body });
  const addressOf = (name: string) => `https://${name}/hook?token=s3cret`;

  it("as it stands opens no socket, neither at submission nor at delivery", async () => {
    const webhooks = webhooksWith({ ...notAllowed, resolve: async () => [] });
    for (const url of hostileUrlSample) {
      await expect(webhooks.check(url), url).rejects.toMatchObject({ code: "invalidRequest" });
      const reply = await webhooks.send({ caller: "key:phone", url, id, body });
      expect([url, reply.kind]).toEqual([url, "unanswered"]);
      expect(JSON.stringify(reply)).not.toContain("s3cret");
    }
    expect(connecting.mock.calls).toEqual([]);
  });

  it.each(Object.entries(rebindingNames))(
    "by what %s resolves to opens no socket",
    async (name, addresses) => {
      const resolve = async () => addresses;
      await expect(webhooksWith({ ...notAllowed, resolve }).check(addressOf(name))).rejects.toThrow(
        "isn't public",
      );
      expect(await send(addressOf(name), { resolve })).toEqual({ kind: "unanswered", reason: forbidden });
      expect(connecting.mock.calls).toEqual([]);
    },
  );

  it("of every range that isn't public opens no socket", async () => {
    for (const address of forbiddenAddressSample) {
      const reply = await send(addressOf("hooks.example.com"), { resolve: async () => [address] });
      expect([address, reply]).toEqual([address, { kind: "unanswered", reason: forbidden }]);
    }
    expect(connecting.mock.calls).toEqual([]);
  });

  it("only since it was accepted is refused at delivery", async () => {
    let addresses = ["93.184.215.14"];
    const webhooks = webhooksWith({ ...notAllowed, resolve: async () => addresses });
    const url = addressOf("hooks.example.com");
    await webhooks.check(url);
    addresses = ["169.254.169.254"];
    expect(await webhooks.send({ caller: "key:phone", url, id, body })).toEqual({
      kind: "unanswered",
      reason: forbidden,
    });
    expect(connecting.mock.calls).toEqual([]);
  });

  it("because its name is unknown is refused, also when nobody answers for the name", async () => {
    const unknown = webhooksWith({
      ...notAllowed,
      resolve: async () => Promise.reject(new Error("ENOTFOUND")),
    });
    await expect(unknown.check(addressOf("hooks.example.com"))).rejects.toThrow("can't be found");
    vi.useFakeTimers();
    try {
      const silent = webhooksWith({ ...notAllowed, resolve: () => new Promise(() => undefined) });
      const refused = expect(silent.check(addressOf("hooks.example.com"))).rejects.toThrow("can't be found");
      await vi.advanceTimersByTimeAsync(5_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });
});
