import type { IncomingMessage, ServerResponse } from "node:http";
import ExifReader from "exifreader";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCredentials, unbroken, withCredentials } from "../support/content-credentials.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { LoopbackServer } from "../support/loopback-server.ts";

/** Answers in the order of a script, by method and path; the last answer of a path is given again. */
class OddService extends LoopbackServer {
  readonly requests: string[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  readonly #scripts = new Map<string, Answer[]>();

  script(place: string, ...answers: Answer[]): void {
    this.#scripts.set(place, answers);
  }

  asked(place: string): number {
    return this.requests.filter((request) => request === place).length;
  }

  protected receive(request: IncomingMessage, _body: Buffer, response: ServerResponse): void {
    const place = `${request.method ?? ""} ${(request.url ?? "").split("?")[0] ?? ""}`;
    this.requests.push(place);
    this.headers.push(request.headers);
    const answers = this.#scripts.get(place) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const { status = 404, headers = {}, body = "" } = answer ?? {};
    if (status === "reset") {
      request.socket.destroy();
      return;
    }
    response
      .writeHead(status, headers)
      .end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }
}

interface Answer {
  status?: number | "reset";
  headers?: Record<string, string>;
  body?: string | Buffer | object;
}

const service = new OddService();
const darkroom = new LiveDarkroom();
const times = (count: number, answer: Answer) => Array.from({ length: count }, () => answer);
const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#26a" } })
  .png()
  .toBuffer();
const pixels: Answer = { status: 200, headers: { "content-type": "image/png" }, body: picture };

beforeAll(async () => {
  await service.listen();
  const place = { endpoint: service.origin, api_key_setting: "ODD_KEY" };
  await darkroom.start({
    settings: {
      ODD_KEY: "odd-key",
      IMAGE_DEPLOYMENTS: JSON.stringify([
        { ...place, name: "one", model: "dall-e-2" },
        {
          ...place,
          name: "two",
          model: "dall-e-3",
          deployment: "named-otherwise",
          api_version: "2024-02-01",
        },
      ]),
    },
  });
});
afterAll(async () => {
  await darkroom.stop();
  await service.close();
});

describe("an operation of a service that is replicated, slow and away for a moment", () => {
  it("is paid once and delivered: unknown for two polls, pending for eight, 503, and its link is late", async () => {
    const operation = "/openai/operations/images/op1";
    const submit = "POST /openai/images/generations:submit";
    const location = `${service.origin}${operation}?api-version=2023-06-01-preview`;
    service.script(submit, {
      status: 202,
      headers: { "operation-location": location, "retry-after": "1" },
      body: { id: "op1" },
    });
    service.script(
      `GET ${operation}`,
      ...times(2, { status: 404, body: { error: { code: "notFound", message: "Task not found." } } }),
      ...times(8, { status: 200, headers: { "retry-after": "1" }, body: { id: "op1", status: "running" } }),
      { status: 503 },
      {
        status: 200,
        body: { id: "op1", status: "succeeded", result: { data: [{ url: `${service.origin}/late` }] } },
      },
    );
    service.script(
      "GET /late",
      { status: 404 },
      { status: 403 },
      { status: "reset" },
      { status: 302, headers: { location: "/there" } },
    );
    service.script("GET /there", pixels);
    const job = await darkroom.run({ deployment: "one", size: "256x256", prompt: "an odd operation" });
    expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0, width: 64 }], failures: [] });
    expect(job).not.toHaveProperty("repeated_calls");
    expect(service.asked(submit)).toBe(1);
  });

  it("that answers a submit with an id alone is asked for at the known path", async () => {
    const submit = "POST /openai/images/generations:submit";
    service.script(submit, { status: 202, body: { id: "op2", status: "notRunning" } });
    service.script("GET /openai/operations/images/op2", {
      status: 200,
      body: { id: "op2", status: "succeeded", data: [{ url: "/there" }] },
    });
    const before = service.asked(submit);
    const job = await darkroom.run({ deployment: "one", size: "256x256", prompt: "an id alone" });
    expect(job).toMatchObject({ status: "succeeded" });
    expect(service.asked(submit) - before).toBe(1);
  });
});

describe("a link of a synchronous answer", () => {
  it("that is late is fetched again without the key, and its image is bought once", async () => {
    const place = "POST /openai/deployments/named-otherwise/images/generations";
    service.script(place, {
      status: 200,
      body: { created: 1, data: [{ url: "/soon", revised_prompt: "a fine odd cat" }] },
    });
    service.script("GET /soon", { status: 503, headers: { "retry-after": "2" } }, { status: 429 }, pixels);
    const job = await darkroom.run({ deployment: "two", prompt: "an odd link" });
    expect(job).toMatchObject({ status: "succeeded", images: [{ revised_prompt: "a fine odd cat" }] });
    expect(service.asked(place)).toBe(1);
    const fetches = service.headers.filter((_, at) => service.requests[at] === "GET /soon");
    expect(fetches.length).toBeGreaterThanOrEqual(3);
    for (const headers of fetches) expect(headers).not.toHaveProperty("api-key");
  });
});

it("a picture's C2PA manifest survives storage, as C2PA's own library reads it; what is made from it says IPTC's word", async () => {
  const signed = await withCredentials(picture, "image/png");
  const data = [{ b64_json: signed.toString("base64") }];
  const place = "POST /openai/deployments/named-otherwise/images/generations";
  service.script(place, { status: 200, body: { created: 1, data } });
  const job = await darkroom.run({ deployment: "two", prompt: "an odd manifest" });
  const { url = "", content_url = "", provenance } = job.images[0] ?? {};
  const bytesAt = async (reply: Promise<Response>) => Buffer.from(await (await reply).arrayBuffer());
  expect(provenance).toBe("c2pa");
  for (const reply of [fetch(url), darkroom.fetch(`${content_url}?download=1`)])
    expect(await readCredentials(await bytesAt(reply), "image/png")).toEqual(
      expect.arrayContaining(unbroken),
    );
  for (const query of ["width=128", "thumbnail=256&download=1"]) {
    const made = await bytesAt(darkroom.fetch(`${content_url}?${query}`));
    const { xmp } = await ExifReader.load(made, { async: true, expanded: true });
    expect(xmp?.["DigitalSourceType"]?.value, query).toMatch(/\/trainedAlgorithmicMedia$/);
    await expect(readCredentials(made, "image/webp")).rejects.toThrow();
  }
});
