import type { ConnectionReply, DeploymentList } from "./contracts/schemas.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { parametersOf } from "./model-parameters.ts";

interface Dependencies {
  offers: readonly ResolvedDeployment[];
}

/** What a designer offers to choose from. */
export const listDeployments = ({ offers }: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "list-deployments",
    method: "GET",
    route: "deployments",
    access: "caller",
    handle() {
      const body: DeploymentList = {
        value: offers
          .filter(({ alias }) => !alias)
          .map(({ deployment: { name, model } }) => ({
            name,
            title: name === model ? name : `${name} (${model})`,
            model,
          })),
      };
      return respondJson(200, body);
    },
  });

/** What a deployment's model takes. One that isn't there takes nothing: a designer shows no reason, only a failed form. */
export const getModelParameters = ({ offers }: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "get-model-parameters",
    method: "GET",
    route: "deployments/{deployment}/parameters",
    access: "caller",
    handle({ params }) {
      const offer = offers.find(({ deployment: { name } }) => name === params["deployment"]);
      return respondJson(200, parametersOf(offer?.capability));
    },
  });

/** Whether a connection's key is known. It asks nothing of the image service, whose quota may be spent. */
export const testConnection = (): Endpoint =>
  connectorEndpoint({
    name: "test-connection",
    method: "GET",
    route: "connection",
    access: "caller",
    handle({ caller }) {
      const body: ConnectionReply = { caller };
      return respondJson(200, body);
    },
  });
