import { expect, it } from "vitest";
import { defaultEditLimits } from "../../../src/domain/model-catalogue.ts";
import { prepareInputs } from "../../../src/edits/prepare-inputs.ts";
import { FakeImageProcessor, MemoryUploadStore } from "../../support/edit-fakes.ts";
import { FakeClock } from "../../support/fakes.ts";

it("pictures that must be made anew are read and made one at a time, also those of other requests", async () => {
  const uploads = new MemoryUploadStore(new FakeClock());
  const held = { now: 0, most: 0 };
  const open = uploads.open.bind(uploads);
  uploads.open = async (source) => {
    held.most = Math.max(held.most, (held.now += 1));
    return open(source);
  };
  const write = uploads.write.bind(uploads);
  uploads.write = async (name, bytes) => {
    held.now -= 1;
    return write(name, bytes);
  };
  const facts = { kind: "jpeg", bytes: 4, width: 9, height: 7, orientation: 6 } as const;
  const more = { hasAlpha: false, hasExtras: true, isCmyk: false };
  const jobs = Array.from({ length: 8 }, (_, index) => {
    const id = `job_${index}`;
    uploads.drop(`uploads/${id}/image-0`, "whole");
    const image = { param: "image", blob: `${id}/image-0`, facts: { ...facts, ...more }, sha256: "" };
    const request = { prompt: "a cat", n: 1, size: "auto" };
    const job = { id, model: "gpt-image-1", request, limits: defaultEditLimits };
    return prepareInputs({ uploads, imageProcessor: new FakeImageProcessor() }, { images: [image] }, job);
  });
  expect(await Promise.all(jobs)).toHaveLength(8);
  expect(held).toEqual({ now: 0, most: 1 });
});
