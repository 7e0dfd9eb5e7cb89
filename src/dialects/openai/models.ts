import type { ResolvedDeployment } from "../../domain/deployment.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { respondJson } from "../../http/respond.ts";
import type { Surface } from "../surface.ts";
import { modelNames, noSuchModel } from "./resolve-model.ts";

interface Deps {
  offers: readonly ResolvedDeployment[];
}

// When a model was made is nobody's to know here; clients want a number.
const describe = (id: string) => ({ id, object: "model", created: 0, owned_by: "darkroom" });

export const modelsList = ({ offers }: Deps, { base, name, errors }: Surface): Endpoint => ({
  name: `${name}-models-list`,
  method: "GET",
  route: `${base}/models`,
  access: "caller",
  renderError: errors.render,
  handle: () => respondJson(200, { object: "list", data: modelNames(offers).map(describe) }),
});

export const modelsGet = ({ offers }: Deps, { base, name, errors }: Surface): Endpoint => ({
  name: `${name}-models-get`,
  method: "GET",
  route: `${base}/models/{id}`,
  access: "caller",
  renderError: errors.render,
  handle({ params: { id = "" } }) {
    if (!modelNames(offers).includes(id)) throw noSuchModel(id, offers);
    return respondJson(200, describe(id));
  },
});
