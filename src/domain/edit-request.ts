import {
  chooseDeployment,
  type Chosen,
  namesOf,
  type ResolvedDeployment,
  matchingDeployments,
  type RequestParams,
} from "./deployment.ts";
import { adaptParams, type Recorded } from "./model-alias.ts";
import { applyDefaults, type ImageRequest, type ImageParams, type MaskMode } from "./image-request.ts";
import type { ModelCapability } from "./model-catalogue.ts";
import { withoutAbsent } from "./without-absent.ts";

export type EditParams = ImageParams & {
  mask_mode?: MaskMode | undefined;
  mask_invert?: boolean | undefined;
};

/** As chooseDeployment, among the models that can edit. One that was named and can't is refused by its name. */
export function chooseEditor(params: RequestParams, offers: readonly ResolvedDeployment[]): Chosen {
  const editors = offers.filter(({ capability }) => capability.edits !== undefined);
  const [named] = matchingDeployments(params, offers);
  if (!named || matchingDeployments(params, editors).length > 0)
    return chooseDeployment(params, editors.length > 0 ? editors : offers);
  const allowed = [...new Set(editors.map((offer) => namesOf(offer).model))];
  const able =
    allowed.length > 0 ? `models that can: ${allowed.join(", ")}` : "no model that is deployed here can";
  const param = params.model === undefined && params.deployment !== undefined ? "deployment" : "model";
  const message = `${namesOf(named).model} can't edit images; ${able}.`;
  return { ok: false, violations: [{ param, message, allowed }] };
}

/** What a job records of an edit that runs at an offer. */
export function toEditRequest(params: EditParams, offer: ResolvedDeployment): Recorded {
  const { params: adapted, requested } = adaptParams(params, offer);
  const { capability } = offer.alias ?? offer;
  return withoutAbsent({ request: completeEdit(adapted, capability), requested });
}

/** What a job records of an edit. Left to the service, the result keeps the shape of its first input. */
export function completeEdit(params: EditParams, capability: ModelCapability): ImageRequest {
  return {
    ...applyDefaults({ ...params, size: params.size ?? capability.edits?.defaultSize }, capability),
    ...withoutAbsent({
      mask_mode: params.mask_mode === "resize" ? params.mask_mode : undefined,
      mask_invert: params.mask_invert === true ? params.mask_invert : undefined,
    }),
  };
}
