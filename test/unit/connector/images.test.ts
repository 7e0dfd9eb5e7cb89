import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  connectorError,
  convertedImage,
  imageLink,
  imageShare,
} from "../../../src/connector/contracts/schemas.ts";
import type { SlotRecord } from "../../../src/ports/records.ts";
import { type App, anApp, keep } from "../../support/app.ts";
import { askConnector, expectShape, json, keepMade } from "../../support/connector.ts";
import { aPhoto } from "../../support/edit-pictures.ts";
import { origin } from "../../support/http.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

type StoredSlot = SlotRecord & { state: "stored" };

const text = "0123456789";
const contentOf = (imageId: string) => `/api/connector/images/${imageId}/content`;

async function aStoredImage() {
  const app = anApp();
  const { id } = await keepMade(app, {}, [text]);
  const read = (headers: Record<string, string> = {}) =>
    askConnector(app, "getImageContent", { path: contentOf(`${id}.0`), headers });
  return { app, imageId: `${id}.0`, read };
}

describe("an image's content", () => {
  it("is its bytes, by their type, with what is needed to read them in parts", async () => {
    const { read, imageId } = await aStoredImage();
    const { status, text: body, headers } = await read();
    expect([status, body, headers.get("content-type")]).toEqual([200, text, "image/png"]);
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("content-disposition")).toBe(`attachment; filename="${imageId}.png"`);
  });

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
  ])("is sent in part for %s", async (range, part, contentRange) => {
    const { read } = await aStoredImage();
    const { status, text: body, headers } = await read({ range });
    expect([status, body, headers.get("content-range")]).toEqual([206, part, contentRange]);
  });

  it.each(["bytes=10-", "bytes=-0"])("has nothing at %s", async (range) => {
    const { read } = await aStoredImage();
    const answer = await read({ range });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    expectShape(answer.json, connectorError);
  });

  it.each(["bytes=0-1,3-4", "lines=0-1", "bytes=3-1", "bytes=-", "0-1"])(
    "is sent whole for %s, which may be passed over",
    async (range) => {
      const { read } = await aStoredImage();
      expect(await read({ range })).toMatchObject({ status: 200, text });
    },
  );

  it("is gone, and no fault of ours, once its blob is", async () => {
    const { app, read } = await aStoredImage();
    app.images.blobs.clear();
    for (const headers of [{}, { range: "bytes=0-3" }]) {
      const answer = await read(headers);
      expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([410, "expired"]);
    }
  });

  it("is sent whole when the part was wanted of something else", async () => {
    const { read } = await aStoredImage();
    const etag = (await read()).headers.get("etag") ?? "";
    const range = "bytes=0-3";
    expect((await read({ range, "if-range": etag })).status).toBe(206);
    expect((await read({ range, "if-range": '"other"' })).status).toBe(200);
  });

  it.each(["ID", "ID.1", "ID.00", "ID.0.0", "job_x.0", "..%2F..%2F0", "ID.2"])(
    "isn't there for %s",
    async (imageId) => {
      const app = anApp();
      const { id } = await keep(app, { status: "succeeded" }, [failedSlot(2)]);
      const answer = await askConnector(app, "getImageContent", {
        path: contentOf(imageId.replace("ID", id)),
      });
      expect([answer.status, expectShape(answer.json, connectorError).error.code]).toEqual([404, "notFound"]);
    },
  );

  it("isn't there for another caller", async () => {
    const { read } = await aStoredImage();
    expect((await read({ "x-caller": "key:other" })).status).toBe(404);
    expect((await read({ "x-caller": "" })).status).toBe(401);
  });
});

describe("a conversion", () => {
  const convert = async (body?: object) => {
    const app = anApp();
    const job = await keep(app, { status: "succeeded" }, [
      { ...(storedSlot(0) as StoredSlot), width: 300, height: 200 },
    ]);
    await app.images.put("blobs/0.png", await aPhoto({ width: 300, height: 200 }), {
      contentType: "image/png",
    });
    const path = `/api/connector/images/${job.id}.0/conversion`;
    const sent = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
    const answer = await askConnector(app, "convertImage", { path, ...sent });
    return { answer, imageId: `${job.id}.0` };
  };

  it.each([
    ["as it is", undefined, { format: "png", width: 300, height: 200 }, "full-inside.png"],
    ["what is left empty", { format: "", width: " ", fit: null }, { format: "png" }, "full-inside.png"],
    ["another type", { format: "JPEG" }, { format: "jpeg", width: 300 }, "full-inside-80.jpeg"],
    ["a width", { format: "webp", width: 256, quality: 60 }, { width: 256 }, "256-inside-60.webp"],
    ["a square", { format: "jpeg", fit: "cover" }, { width: 128, height: 128 }, "128-cover-80.jpeg"],
    ["a square that is wider", { width: "2048", fit: "cover" }, { width: 128, height: 128 }, "128-cover.png"],
  ])("to %s is a file with a name of its own", async (_, body, expected, name) => {
    const { answer, imageId } = await convert(body);
    const { fileName, contentType, contentBytes } = expectShape(answer.json, convertedImage);
    const metadata = await sharp(Buffer.from(contentBytes, "base64")).metadata();
    expect(metadata).toMatchObject(expected);
    expect([fileName, contentType]).toEqual([`${imageId}.${name}`, `image/${metadata.format}`]);
  });

  it.each([{ width: "300" }, { format: "gif" }, { quality: 1 }, { fit: "round" }])(
    "is refused for %j, with what is allowed",
    async (body) => {
      const [param = ""] = Object.keys(body);
      const { error } = expectShape((await convert(body)).answer.json, connectorError);
      expect([error.code, error.param]).toEqual(["invalidRequest", param]);
      expect(error.message).toContain("must be one of");
    },
  );
});

describe("a share", () => {
  const share = (app: App, imageId: string, body?: object) =>
    askConnector(app, "shareImage", {
      path: `/api/connector/images/${imageId}/shares`,
      ...(body && { headers: json, body: JSON.stringify(body) }),
    });

  it.each([
    [undefined, undefined],
    [{ days: "" }, undefined],
    [{ days: "30" }, 30],
  ])("for %j is a link of our own that works until it is ended", async (body, days) => {
    const { app, imageId } = await aStoredImage();
    const { url, shareId, expiresOn } = expectShape((await share(app, imageId, body)).json, imageShare);
    expect(url.startsWith(`${origin}/shared/`)).toBe(true);
    const lives = expiresOn && Date.parse(expiresOn) - app.clock.now().getTime();
    expect(lives).toBe(days && days * 86_400_000);
    expect(app.shares.shares.map(({ id }) => id)).toEqual([shareId]);
    const path = `/api/connector/images/${imageId}/shares/${shareId}`;
    for (let times = 0; times < 2; times += 1)
      expect((await askConnector(app, "stopSharingImage", { path })).status).toBe(204);
    expect(app.shares.shares).toEqual([]);
  });

  it("is made of one's own image alone", async () => {
    const { app } = await aStoredImage();
    expect((await share(app, "job_x.0")).status).toBe(404);
  });
});

describe("a fresh link", () => {
  it.each([
    [{ headers: json, body: `{"hours":48}` }, 48],
    [{ headers: json, body: "{}" }, 1],
    [{}, 1],
  ])("for %j lives as long as was asked, or as usual", async (sent, hours) => {
    const { app, imageId } = await aStoredImage();
    const path = `/api/connector/images/${imageId}/link`;
    const answer = await askConnector(app, "createImageLink", { path, ...sent });
    const { expiresOn, url } = expectShape(answer.json, imageLink);
    expect(Date.parse(expiresOn) - app.clock.now().getTime()).toBe(hours * 3_600_000);
    expect(url).toContain("https://store.example/images/");
  });

  it.each([0, 169, 1.5, "two"])("is refused for %j hours", async (hours) => {
    const { app, imageId } = await aStoredImage();
    const sent = { headers: json, body: JSON.stringify({ hours }) };
    const answer = await askConnector(app, "createImageLink", {
      path: `/api/connector/images/${imageId}/link`,
      ...sent,
    });
    expect([answer.status, answer.json]).toMatchObject([400, { error: { param: "hours" } }]);
  });
});
