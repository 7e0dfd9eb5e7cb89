import * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { type ServiceReply } from "../contracts/operator.ts";
import { serviceModes } from "../domain/service-mode.ts";
import type { ServiceState } from "../ports/service.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { operatorEndpoint, type OperatorDeps } from "./operator-endpoint.ts";

type Dependencies = OperatorDeps & { service: ServiceState };

const modePath = z.object({ mode: z.enum(serviceModes) });

export const operatorServiceGet = (deps: Dependencies): Endpoint =>
  operatorEndpoint(deps, {
    name: "service-get",
    method: "GET",
    route: "service",
    async handle() {
      const reply: ServiceReply = { mode: await deps.service.mode() };
      return respondJson(200, reply);
    },
  });

/** Pauses, drains or opens the app, on all instances within seconds. */
export const operatorServicePut = (deps: Dependencies): Endpoint =>
  operatorEndpoint(deps, {
    name: "service-put",
    method: "PUT",
    route: "service/{mode}",
    async handle({ params }) {
      const { mode } = checkShape({ mode: params["mode"] }, modePath);
      await deps.service.set(mode);
      const reply: ServiceReply = { mode };
      return respondJson(200, reply);
    },
  });
