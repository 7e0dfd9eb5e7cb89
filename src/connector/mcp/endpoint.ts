import type { HttpResponseInit } from "@azure/functions";
import type { Endpoint, EndpointCall } from "../../http/endpoint.ts";
import { readJson } from "../../http/read-body.ts";
import { connectorEndpoint } from "../answers.ts";
import { type ToolDeps, toolsFor } from "./tools.ts";

// A prompt in four-byte characters, escaped, with room for the rest. Pictures come by name or address.
const messageBytes = 512 * 1024;
const version = "1";

/** For agents: images as tools of the Model Context Protocol. Callers are those of everything else, by the same keys. */
export const agentEndpoints = (deps: ToolDeps): Endpoint[] => [
  {
    name: "mcp-post",
    method: "POST",
    route: "mcp",
    access: "caller",
    runsJobs: true,
    handle: (call) => answerMcp(deps, call),
  },
];

/** The same below the connector's base path, where its definition can name it. */
export const invokeMcp = (deps: ToolDeps): Endpoint =>
  connectorEndpoint({
    name: "invoke-mcp",
    method: "POST",
    route: "mcp",
    access: "caller",
    runsJobs: true,
    handle: (call) => answerMcp(deps, call),
  });

async function answerMcp(deps: ToolDeps, call: EndpointCall): Promise<HttpResponseInit> {
  const { request } = call;
  const message = await readJson(request, messageBytes);
  const { serveMcp } = await import("./serve.ts");
  const { method, url } = request;
  const asked = new Request(url, { method, headers: [...request.headers.entries()] });
  const { status, headers, body } = await serveMcp(asked, message, {
    tools: toolsFor(deps, call),
    version,
  });
  return {
    status,
    headers: Object.fromEntries(headers.entries()),
    ...(body && { body }),
  };
}
