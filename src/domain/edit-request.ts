import { chooseDeployment, type Chosen, type Offer, offersFor, type Wish } from "./deployment.ts";
import { completeWish, type ImageRequest, type ImageWish, type MaskMode } from "./image-request.ts";
import type { ModelCapability } from "./model-catalogue.ts";
import { withoutAbsent } from "./without-absent.ts";

export type EditWish = ImageWish & {
  mask_mode?: MaskMode | undefined;
  mask_invert?: boolean | undefined;
};

/** As chooseDeployment, among the models that can edit. One that was named and can't is refused by its name. */
export function chooseEditor(wish: Wish, offers: readonly Offer[]): Chosen {
  const editors = offers.filter(({ capability }) => capability.edits !== undefined);
  const [named] = offersFor(wish, offers);
  if (!named || offersFor(wish, editors).length > 0)
    return chooseDeployment(wish, editors.length > 0 ? editors : offers);
  const allowed = [...new Set(editors.map(({ deployment }) => deployment.model))];
  const able =
    allowed.length > 0 ? `models that can: ${allowed.join(", ")}` : "no model that is deployed here can";
  const param = wish.model === undefined && wish.deployment !== undefined ? "deployment" : "model";
  const message = `${named.deployment.model} can't edit images; ${able}.`;
  return { ok: false, violations: [{ param, message, allowed }] };
}

/** What a job records of an edit. Left to the service, the result keeps the shape of its first input. */
export function completeEdit(wish: EditWish, capability: ModelCapability): ImageRequest {
  return {
    ...completeWish({ ...wish, size: wish.size ?? capability.edits?.defaultSize }, capability),
    ...withoutAbsent({
      mask_mode: wish.mask_mode === "resize" ? wish.mask_mode : undefined,
      mask_invert: wish.mask_invert === true ? wish.mask_invert : undefined,
    }),
  };
}
