import type { HttpRequest } from "@azure/functions";
import { invalidRequest } from "../domain/app-error.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { Addressing } from "../http/origin-of.ts";

const agents = /\b(openai|azsdk-|ai-sdk|langchain|litellm)/i;

/**
 * Refuses clients of another API that were pointed at Darkroom's own, which spells some paths alike: they would order
 * pictures and couldn't read the answer. One that sends `Prefer` knows where it is.
 */
export function refusingForeignClients({ originOf }: Addressing, endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    handle(call) {
      if (isForeign(call.request)) throw wrongBase(originOf(call.request));
      return endpoint.handle(call);
    },
  };
}

function isForeign({ headers }: HttpRequest): boolean {
  if (headers.has("prefer")) return false;
  const names = [...headers.keys()];
  return (
    names.some((name) => name.startsWith("x-stainless-")) || agents.test(headers.get("user-agent") ?? "")
  );
}

function wrongBase(origin: string) {
  const message = `This is Darkroom's own API, whose answers this client can't read; nothing was ordered. Set its base URL to ${origin}/v1, or, for a client of Azure OpenAI, its endpoint to ${origin}.`;
  return invalidRequest([{ param: "base_url", message }]);
}
