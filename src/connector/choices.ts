import type { ConnectionReply, DeploymentList, ModelList } from "./contracts/choice-schemas.ts";
import { deploymentsQuery, modelParametersQuery } from "./contracts/requests.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { connectorEndpoint } from "./answers.ts";
import { describeModels } from "./describe-models.ts";
import { deploymentsFor, modelParametersOf } from "./model-parameters.ts";
import { readInputQuery } from "./read-input-body.ts";

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
    handle({ request }) {
      const { task } = readInputQuery(request, deploymentsQuery);
      const body: DeploymentList = {
        value: deploymentsFor(offers, task).map(({ deployment: { name, model } }) => ({
          name,
          title: name === model ? name : `${name} (${model})`,
          model,
        })),
      };
      return respondJson(200, body);
    },
  });

/** The same for a reader: what each deployment can do. */
export const listModels = ({ offers }: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "list-models",
    method: "GET",
    route: "models",
    access: "caller",
    handle() {
      const body: ModelList = { value: describeModels(offers) };
      return respondJson(200, body);
    },
  });

/**
 * What a field may be. A designer asks for it with an action's first look, when no deployment is chosen: what any of them
 * takes is told then, and of a deployment that isn't known, which a variable may name when the workflow runs. A designer
 * shows no reason, only a failed form.
 */
export const getModelParameters = ({ offers }: Dependencies): Endpoint =>
  connectorEndpoint({
    name: "get-model-parameters",
    method: "GET",
    route: "model-parameters",
    access: "caller",
    handle({ request }) {
      const { deployment: name, task } = readInputQuery(request, modelParametersQuery);
      const able = deploymentsFor(offers, task);
      const chosen = able.filter(({ deployment }) => deployment.name === name);
      return respondJson(200, modelParametersOf(chosen.length > 0 ? chosen : able));
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
