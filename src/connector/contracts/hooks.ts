import * as z from "zod";
import { hookOutcomes } from "../../domain/hook.ts";
import { imagesToEdit, imagesToMake, ofModel, ofTag } from "./requests.ts";
import { choices, important, internal, shown } from "./words.ts";

/** What operations are asked that end with a callback. The engine fills in the address; nobody sees a field for it. */

const callbackUrl = z
  .string()
  .min(1)
  .max(2_048)
  .meta(
    shown("Callback URL", "Where the engine wants to be told; it fills this in itself.", {
      "x-ms-notification-url": true,
      ...internal,
    }),
  );

export const generateImageAndWaitBody = imagesToMake
  .extend({ callbackUrl })
  .meta({ id: "GenerateImageAndWaitRequest" });

export const editImageAndWaitBody = imagesToEdit
  .extend({ callbackUrl })
  .meta({ id: "EditImageAndWaitRequest" });

export const imageHookBody = z
  .strictObject({
    outcome: z
      .enum(hookOutcomes)
      .optional()
      .meta(
        shown("Outcome", "Jobs that end so only. Left empty, those that made an image.", {
          ...important,
          ...choices({
            succeeded: "Made at least one image",
            failed: "Made none",
            any: "Any, canceled ones too",
          }),
        }),
      ),
    model: ofModel,
    tag: ofTag,
    callbackUrl,
  })
  .meta({ id: "WhenImageIsReadyRequest" });
