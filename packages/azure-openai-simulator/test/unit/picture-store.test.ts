import { describe, expect, it } from "vitest";
import { draw, type PictureOrder } from "../../src/drawing/draw.ts";
import { PictureStore, type StoredPicture } from "../../src/picture-store.ts";

const order: PictureOrder = {
  words: "An otter",
  caption: "a caption",
  key: "key",
  width: 64,
  height: 64,
  format: "png",
  compression: undefined,
  transparent: false,
  bytes: 50_000,
};

function picture(expiresAt = Date.now() + 60_000): StoredPicture {
  const origin = { model: "dall-e-3", deployment: "dalle3", prompt: "An otter" };
  return { order, origin, expiresAt, drawn: draw(order) };
}

describe("the picture store", () => {
  it("draws the same bytes again once it no longer keeps them", async () => {
    const store = new PictureStore(1);
    const old = picture();
    const bytes = await old.drawn;
    store.put("/old", old);
    store.put("/new", picture());
    expect(old.drawn).toBeUndefined();
    expect(store.find("/new")!.drawn).toBeDefined();
    expect((await store.read(store.find("/old")!)).equals(bytes!)).toBe(true);
  });

  it("forgets a picture a day after its address has died, and not sooner", () => {
    const store = new PictureStore();
    const day = 86_400_000;
    store.put("/forgotten", picture(Date.now() - day - 1));
    store.put("/dead", picture(Date.now() - 1000));
    store.put("/alive", picture());
    expect(["/forgotten", "/dead", "/alive"].map((path) => store.find(path) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});
