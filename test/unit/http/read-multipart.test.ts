import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/domain/app-error.ts";
import { isMultipart, readMultipart } from "../../../src/http/read-multipart.ts";
import { aRequest } from "../../support/http.ts";
import {
  arriving,
  bytesOf,
  contentOf,
  file,
  form,
  limits,
  named,
  part,
  sha256,
  text,
} from "../../support/multipart.ts";

const mebibyte = 1024 * 1024;
const cat = text("prompt", "a cat");
const refusal = async (reading: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error("not refused", { cause: error });
  return error;
};

describe("a form", () => {
  it("gives texts by name and files by role, in order of arrival", async () => {
    const body = form(
      file("image[]", "one"),
      text("n", "2"),
      file("mask", "hole"),
      file("image", "two"),
      cat,
      file("image[7]", "three"),
    );
    expect(await contentOf(arriving(body).request)).toEqual({
      fields: { n: "2", prompt: "a cat" },
      images: ["image[] image 0 one", "image image 1 two", "image[7] image 2 three"],
      mask: "mask mask 0 hole",
    });
  });

  const unfilled = (name: string, fileName = 'filename=""') =>
    part([`${named(name)}; ${fileName}`, "Content-Type: application/octet-stream"]);

  it.each([
    ["a mask", unfilled("mask")],
    ["a second image", unfilled("image")],
    ["a file that isn't known", unfilled("attachment")],
    ["a file by the other spelling", unfilled("mask", "filename*=UTF-8''")],
    ["a file by both spellings", unfilled("mask", `filename=""; filename*=UTF-8''`)],
  ])("may leave %s unfilled, which counts as absent", async (_what, empty) => {
    for (const body of [form(cat, file("image", "one"), empty), form(empty, cat, file("image", "one"))]) {
      for (const chunk of [1, 7, 65_536]) {
        expect(await contentOf(arriving(body, { chunk }).request)).toEqual({
          fields: { prompt: "a cat" },
          images: ["image image 0 one"],
        });
      }
    }
  });

  it("may leave more files unfilled than it may have, and fill the last", async () => {
    const body = form(...Array<Buffer>(20).fill(unfilled("image")), file("image", "one", ""));
    expect(await contentOf(arriving(body).request)).toMatchObject({ images: ["image image 0 one"] });
  });

  it("has an empty file where it is named, which is for others to refuse", async () => {
    const body = form(cat, file("mask", "", "m.png"), part(named("image")));
    expect(await contentOf(arriving(body).request)).toMatchObject({
      mask: "mask mask 0 ",
      images: ["image image 0 "],
    });
  });

  it("without a mask has none", async () => {
    expect(await contentOf(arriving(form(cat)).request)).toEqual({ fields: { prompt: "a cat" }, images: [] });
  });

  it("may have a field named as a property of every object", async () => {
    const body = form(text("__proto__", "x"), text("constructor", "y"), text("toString", "z"));
    const { fields } = await contentOf(arriving(body).request);
    expect(Object.entries(fields)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
      ["toString", "z"],
    ]);
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  });

  it("is told by its type alone", () => {
    const types = [
      "multipart/form-data; boundary=x",
      "Multipart/Form-Data ;boundary=x",
      "multipart/form-data",
    ];
    const others = [
      "",
      "application/json",
      "multipart/mixed; boundary=x",
      "multipart/form-datax; boundary=x",
    ];
    const ask = (type: string) => isMultipart(aRequest({ path: "/", headers: { "content-type": type } }));
    expect([types.map(ask), others.map(ask)]).toEqual([types.map(() => true), others.map(() => false)]);
  });

  it("with no body at all is refused", async () => {
    const request = aRequest({
      path: "/",
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    expect(await refusal(contentOf(request))).toMatchObject({ detail: "The body is empty." });
  });
});

it("a form of several megabytes is read whole, whatever the chunks", async () => {
  const big = Buffer.alloc(mebibyte, "\r\n--x");
  const body = form(file("image", big), cat, file("image", ""), file("mask", big), file("image", big));
  for (const chunk of [body.length, mebibyte, 200_000, 65_537, 9_973]) {
    const { images, mask, fields } = await contentOf(arriving(body, { chunk }).request, undefined, sha256);
    expect([fields, mask]).toEqual([{ prompt: "a cat" }, `mask mask 0 ${sha256(big)}`]);
    expect(images).toEqual([big, "", big].map((bytes, i) => `image image ${i} ${sha256(bytes)}`));
  }
});

describe("a limit", () => {
  it("on images is told before the image too many is received", async () => {
    const received: number[] = [];
    const body = form(...[1, 2, 3, 4].map((mark) => file("image[]", `${mark}`)));
    const failure = await refusal(
      readMultipart(arriving(body).request, limits, async ({ index }) => received.push(index)),
    );
    expect([failure.detail, failure.violations[0]?.param]).toEqual([
      "image may be given at most 3 times.",
      "image",
    ]);
    expect(received).toEqual([0, 1, 2]);
  });

  it("on parts is 64", async () => {
    const parts = (count: number) => form(...Array.from({ length: count }, (_, i) => text(`field${i}`, "")));
    expect(Object.keys((await contentOf(arriving(parts(64)).request)).fields)).toHaveLength(64);
    expect(await refusal(contentOf(arriving(parts(65)).request))).toMatchObject({
      code: "invalidRequest",
      detail: "The body may have at most 64 parts.",
    });
  });

  it("on a text is 256 KB, and names the field", async () => {
    const most = 256 * 1024;
    const { fields } = await contentOf(arriving(form(text("prompt", "x".repeat(most)))).request);
    expect(fields["prompt"]).toHaveLength(most);
    const failure = await refusal(contentOf(arriving(form(text("prompt", "x".repeat(most + 1)))).request));
    expect(failure).toMatchObject({ code: "tooLarge", violations: [{ param: "prompt" }] });
  });

  it("on a declared length is judged before a byte is read", async () => {
    const { request, source } = arriving(form(cat), {
      headers: { "content-length": `${limits.bodyBytes + 1}` },
    });
    expect(await refusal(contentOf(request))).toMatchObject({ code: "tooLarge" });
    expect(source.pulled).toBe(0);
  });

  it.each([{}, { "content-length": "10" }, { "content-length": "many" }])(
    "on the body is judged by what arrives, and nothing is read beyond it: %j",
    async (headers) => {
      const body = form(file("image", Buffer.alloc(3 * mebibyte)));
      const { request, source } = arriving(body, { chunk: 10_000, headers: { ...headers } });
      const failure = await refusal(contentOf(request, { images: 1, bodyBytes: mebibyte }));
      expect(failure).toMatchObject({
        code: "tooLarge",
        detail: `The body may have at most ${mebibyte} bytes.`,
      });
      expect(source.pulled).toBeLessThanOrEqual(mebibyte + 10_000);
      expect(source.isCancelled).toBe(true);
    },
  );

  it("on the body is met exactly, what follows the end boundary included", async () => {
    const body = Buffer.concat([form(cat), Buffer.from("epilogue")]);
    const at = (bodyBytes: number) =>
      contentOf(arriving(body, { chunk: 3 }).request, { images: 1, bodyBytes });
    expect((await at(body.length)).fields).toEqual({ prompt: "a cat" });
    expect(await refusal(at(body.length - 1))).toMatchObject({ code: "tooLarge" });
  });
});

describe("a file that is received slowly", () => {
  it("holds the client back: no more is read than was asked for, bar a chunk", async () => {
    const chunk = 16_384;
    const { request, source } = arriving(form(file("image", Buffer.alloc(2 * mebibyte, 7)), cat), { chunk });
    let taken = 0;
    let most = 0;
    await readMultipart(request, limits, async ({ bytes }) => {
      for await (const piece of bytes) {
        taken += piece.byteLength;
        for (let turn = 0; turn < 5; turn++) await setImmediate();
        most = Math.max(most, source.pulled - taken);
      }
    });
    expect(taken).toBe(2 * mebibyte);
    expect(most).toBeLessThanOrEqual(2 * chunk);
  });

  it("is the only one under way", async () => {
    const events: string[] = [];
    const body = form(file("image", "1"), file("image", "2"), file("mask", "3"));
    await readMultipart(arriving(body).request, limits, async ({ role, index, bytes }) => {
      events.push(`${role} ${index} in`);
      await bytesOf(bytes);
      await setImmediate();
      events.push(`${role} ${index} out`);
    });
    expect(events).toEqual(["image 0", "image 1", "mask 0"].flatMap((each) => [`${each} in`, `${each} out`]));
  });
});

describe("a receiver", () => {
  const body = form(file("image", Buffer.alloc(300_000, 1)), cat, file("mask", "hole"));

  it("may leave a file unread: what follows is read all the same", async () => {
    const { fields, images, mask } = await readMultipart(
      arriving(body).request,
      limits,
      async ({ role }) => role,
    );
    expect([fields, images, mask]).toEqual([{ prompt: "a cat" }, ["image"], "mask"]);
  });

  it("may stop in the middle of a file", async () => {
    const { fields, images } = await readMultipart(
      arriving(body, { chunk: 1000 }).request,
      limits,
      async ({ bytes }) => {
        for await (const piece of bytes) return piece.byteLength;
        return 0;
      },
    );
    expect(fields).toEqual({ prompt: "a cat" });
    expect(images[0]).toBeLessThan(1000);
  });

  it("may keep a file for later, and finds nothing in it then", async () => {
    const { images } = await readMultipart(arriving(body).request, limits, async ({ bytes }) => bytes);
    expect(await bytesOf(images[0]!)).toHaveLength(0);
  });

  it.each([
    ["a fault", new AppError("unsupportedMedia", "No GIF."), 0],
    ["an error", new Error("storage is away"), 0],
    ["a fault after some bytes", new AppError("tooLarge", "Too wide."), 1],
  ])(
    "that throws %s lets the client send to the end, and its error is thrown",
    async (_what, error, reads) => {
      const { request, source } = arriving(body, { chunk: 1000 });
      const reading = readMultipart(request, limits, async ({ bytes }) => {
        if (reads > 0) await bytes[Symbol.asyncIterator]().next();
        throw error;
      });
      await expect(reading).rejects.toBe(error);
      expect(source.pulled).toBe(body.length);
    },
  );

  it("that throws reads no more than the limit of the body", async () => {
    const endless = form(file("image", Buffer.alloc(3 * mebibyte)));
    const { request, source } = arriving(endless, { chunk: 10_000 });
    const failure = new AppError("unsupportedMedia", "No GIF.");
    const reading = readMultipart(request, { images: 1, bodyBytes: mebibyte }, () => Promise.reject(failure));
    await expect(reading).rejects.toBe(failure);
    expect(source.pulled).toBeLessThanOrEqual(mebibyte + 10_000);
  });

  it("that throws is heard, though the client then hangs up", async () => {
    const { request } = arriving(body, { chunk: 1000, lost: new Error("reset") });
    const failure = new AppError("unsupportedMedia", "No GIF.");
    await expect(readMultipart(request, limits, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it("is called no more in a body that is malformed, and the client may send to its end", async () => {
    const roles: string[] = [];
    const broken = form(file("image", "1"), Buffer.from("no headers"), file("image", "2"));
    const { request, source } = arriving(broken, { chunk: 20 });
    const failure = await refusal(readMultipart(request, limits, async ({ role }) => roles.push(role)));
    expect(failure.detail).toBe("The body has a part without an end of its headers.");
    expect([roles, source.pulled]).toEqual([["image"], broken.length]);
  });

  it("is called no more after a refusal", async () => {
    const roles: string[] = [];
    const broken = form(file("image", "1"), file("prompt", "x"), file("image", "2"));
    const { request, source } = arriving(broken);
    await refusal(readMultipart(request, limits, async ({ role }) => roles.push(role)));
    expect([roles, source.pulled]).toEqual([["image"], broken.length]);
  });
});

describe("a client that hangs up", () => {
  const whole = form(file("image", Buffer.alloc(5000, 9)), cat);
  const brokeOff = { code: "invalidRequest", detail: "The body broke off before its end." };

  it.each([0, 10, 60, 500, 4000, whole.length - 30, whole.length - 4])(
    "after %i bytes is no outage",
    async (count) => {
      const { request } = arriving(whole.subarray(0, count), { chunk: 100, lost: new Error("ECONNRESET") });
      expect(await refusal(contentOf(request))).toMatchObject(brokeOff);
    },
  );

  it("is told to the one who reads the file, and can't be swallowed or dressed up", async () => {
    const heard: unknown[] = [];
    const read = (after: () => Promise<void>) =>
      readMultipart(
        arriving(whole.subarray(0, 500), { chunk: 100, lost: new Error("ECONNRESET") }).request,
        limits,
        ({ bytes }) =>
          bytesOf(bytes).then(
            () => undefined,
            (error: unknown) => (heard.push(error), after()),
          ),
      );
    expect(await refusal(read(() => Promise.resolve()))).toMatchObject(brokeOff);
    expect(await refusal(read(() => Promise.reject(new Error("upload failed"))))).toMatchObject(brokeOff);
    expect(heard).toMatchObject([brokeOff, brokeOff]);
  });

  it("without a word, the end boundary missing, is found out at every byte", async () => {
    const end = whole.length - "--\r\n".length + 2;
    for (const count of [1, 20, 40, 90, 130, 150, 400, 5000, end - 30, end - 1]) {
      const failure = await refusal(contentOf(arriving(whole.subarray(0, count)).request));
      expect(failure.detail).toBe("The body ends before its end boundary.");
    }
    expect((await contentOf(arriving(whole.subarray(0, end)).request)).fields).toEqual({ prompt: "a cat" });
  });
});

it("a refusal quotes no content and no file name, and stays short", async () => {
  const bodies = [
    form(part(`${named("x".repeat(9000))}; filename="SECRET"`, "SECRET")),
    form(text("prompt", "SECRET"), text("prompt", "SECRET")),
    form(text("prompt", Buffer.from([0x53, 0xff]))),
    form(file("gif", "SECRET", "SECRET.gif")),
  ];
  for (const body of bodies) {
    const failure = await refusal(contentOf(arriving(body).request));
    expect(JSON.stringify([failure.message, failure.violations])).not.toContain("SECRET");
    expect(failure.message.length).toBeLessThan(200);
  }
});
