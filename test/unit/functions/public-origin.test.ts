import { describe, expect, it } from "vitest";
import { type App, anApp, keep } from "../../support/app.ts";
import { origin, type Sent } from "../../support/http.ts";
import { storedSlot } from "../../support/slots.ts";

/** Every address of the app itself that leaves it, and where each begins. */

const forwarded = {
  forwarded: "host=evil.example;proto=http",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  "x-forwarded-prefix": "/evil",
  "x-original-host": "evil.example",
  "x-original-url": "/evil",
};
const asJson = (body: object): Pick<Sent, "headers" | "body"> => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const imageParams = { prompt: "a cat", model: "dall-e-3" };
const hook = { callbackUrl: "https://engine.example/callback" };

type Asking = [name: Parameters<App["ask"]>[0], sent: Sent];
const askings: [string, (app: App) => Promise<Asking>][] = [
  [
    "an accepted generation",
    async () => ["generationsPost", { path: "/api/images/generations", ...asJson(imageParams) }],
  ],
  [
    "an action that is polled",
    async () => [
      "generateImage",
      { path: "/api/connector/images/generations", ...asJson({ prompt: "a cat" }) },
    ],
  ],
  [
    "an action that is called back",
    async () => [
      "generateImageAndWait",
      { path: "/api/connector/images/generations/callback", ...asJson({ prompt: "a cat", ...hook }) },
    ],
  ],
  ["a hook", async () => ["whenImageIsReady", { path: "/api/connector/hooks/images", ...asJson(hook) }]],
  ["a trigger", async () => ["whenImagesAreCreated", { path: "/api/connector/triggers/images?tag=a" }]],
  ["a job", async (app) => ["jobsGet", { path: `/api/jobs/${(await keep(app, {}, [storedSlot(0)])).id}` }]],
  ["a list", async (app) => (await keep(app, {}), ["jobsList", { path: "/api/jobs" }])],
  [
    "an upload's job",
    async () => ["uploadsPost", { path: "/api/uploads", ...asJson({ on_complete: { prompt: "a cat" } }) }],
  ],
  [
    "a canceled job",
    async (app) => [
      "jobCancelPost",
      { path: `/api/jobs/${(await keep(app, { status: "running" })).id}/cancel` },
    ],
  ],
];

async function addressesOf(prepare: (typeof askings)[number][1], app: App): Promise<string[]> {
  const [name, sent] = await prepare(app);
  const { status, text, headers } = await app.ask(name, {
    ...sent,
    headers: { ...forwarded, ...sent.headers },
  });
  expect(status).toBeLessThan(300);
  const location = headers.get("location");
  const written = [...text.matchAll(/"(https?:[^"]+)"/g)].map(([, address = ""]) => address);
  return [...(location === null ? [] : [location]), ...written].filter(
    (address) =>
      !/stor(e|age)\.example|schema|standardwebhooks|umbrella|hooks\.example|callback$/.test(address),
  );
}

describe("addresses", () => {
  it.each(askings)("of %s begin with what was asked, whatever headers say", async (_what, prepare) => {
    const addresses = await addressesOf(prepare, anApp());
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address.startsWith(origin)).toBe(true);
  });

  it.each(askings)("of %s begin with the public origin, where one is set", async (_what, prepare) => {
    for (const publicOrigin of ["https://images.contoso.example", "https://gateway.example/darkroom"]) {
      const addresses = await addressesOf(prepare, anApp({ publicOrigin }));
      expect(addresses.length).toBeGreaterThan(0);
      for (const address of addresses)
        expect(address).toMatch(new RegExp(`^${publicOrigin}(/(api|openapi)|$)`));
    }
  });

  it("of the description are the public one, or left to the one who reads it", async () => {
    const at = async (app: App) => (await app.ask("openapiGet", { path: "/openapi.json" })).json;
    const publicOrigin = "https://gateway.example/darkroom";
    expect(await at(anApp({ publicOrigin }))).toMatchObject({ servers: [{ url: publicOrigin }] });
    expect(await at(anApp())).toMatchObject({ servers: [{ url: "/" }] });
  });

  it("of the connector's definition are the public ones", async () => {
    const at = async (publicOrigin: string) =>
      (
        await anApp({ publicOrigin }).ask("connectorSwaggerGet", {
          path: "/connector.swagger.json",
          headers: forwarded,
        })
      ).json;
    const { basePath } = (await at("https://images.contoso.example")) as { basePath: string };
    expect(await at("https://images.contoso.example")).toMatchObject({
      host: "images.contoso.example",
      schemes: ["https"],
    });
    expect(await at("https://gateway.example:8443/darkroom")).toMatchObject({
      host: "gateway.example:8443",
      basePath: `/darkroom${basePath.replace(/\/$/, "")}`,
    });
  });
});
