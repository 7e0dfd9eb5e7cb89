import { expect, it } from "vitest";
import { didYouMean } from "../../../src/domain/did-you-mean.ts";

const models = ["dall-e-2", "dall-e-3", "gpt-image-1"];

it.each([
  ["dalle-3", "dall-e-3"],
  ["DALL-E-2", "dall-e-2"],
  ["gpt-image1", "gpt-image-1"],
  ["stable-diffusion", undefined],
  ["", undefined],
  ["x".repeat(10_000), undefined],
])("%.20s probably means %s", (given, meant) => expect(didYouMean(given, models)).toBe(meant));
