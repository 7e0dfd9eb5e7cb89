import { hostname } from "node:os";
import type { LoadedFunction } from "./functions.ts";
import { answerEmpty, answerJson, readBody } from "./http-message.ts";
import type { IncomingMessage, ServerResponse } from "node:http";

export interface AdminParts {
  functions: readonly LoadedFunction[];
  hostId: string;
  hostVersion: string;
  /** `http://localhost:7071` */
  baseUrl: string;
  /** Template of an HTTP function's route. */
  routeOf(name: string): string | undefined;
  /** Runs a function without its trigger, with the text somebody supplied. */
  runManually(target: LoadedFunction, input: string): void;
}

/** The `/admin` API, as far as tools and scripts use it, behind the master key (HOST WebHost/Controllers). */
export function createAdmin(parts: AdminParts) {
  const { functions, hostId, hostVersion, baseUrl } = parts;
  const startedAt = Date.now();
  const run = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<void> => {
    const target = functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (!target) {
      answerEmpty(response, 404);
      return;
    }
    const text = (await readBody(request, 1024 * 1024)).toString("utf8");
    parts.runManually(target, manualInput(text));
    answerEmpty(response, 202);
  };
  const describe = (target: LoadedFunction) => ({
    name: target.name,
    language: "node",
    isDisabled: false,
    config: { bindings: Object.values(target.metadata.bindings) },
    ...(target.kind === "httptrigger"
      ? { invoke_url_template: `${baseUrl}/${parts.routeOf(target.name) ?? ""}` }
      : {}),
  });

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const [area, item] = path.split("/");
    const method = request.method ?? "GET";
    if (area === "host" && item === "ping") {
      answerEmpty(response, 200);
    } else if (area === "host" && item === "status" && method === "GET") {
      answerJson(response, 200, {
        id: hostId,
        state: "Running",
        version: hostVersion,
        versionDetails: `${hostVersion} local`,
        platformVersion: "",
        instanceId: "",
        computerName: hostname(),
        processUptime: Date.now() - startedAt,
        functionAppContentEditingState: "NotAllowed",
      });
    } else if (area === "functions" && item === undefined && method === "GET") {
      answerJson(response, 200, functions.map(describe));
    } else if (area === "functions" && item !== undefined && method === "POST") {
      await run(request, response, item);
    } else {
      answerEmpty(response, 404);
    }
  };
}

function manualInput(text: string): string {
  if (text.trim() === "") return "";
  try {
    const { input } = JSON.parse(text) as { input?: unknown };
    return typeof input === "string" ? input : input === undefined ? "" : JSON.stringify(input);
  } catch {
    return text;
  }
}
