import { type Proxy, type ProxyKind, startProxy } from "./proxy.ts";
import type { Scopes } from "./run-scope.ts";
import { isEnding, storageRequest } from "./storage-request.ts";

export interface StorageProxy {
  /** What the app is given in place of the storage's own. */
  connectionString: string;
  close(): Promise<void>;
}

const services = ["blob", "queue", "table"] as const;

/** Proxies for the three services of one storage account, named by its connection string. */
export async function startStorageProxy(connectionString: string, scopes: Scopes): Promise<StorageProxy> {
  const proxies: Proxy[] = [];
  let proxied = connectionString;
  for (const service of services) {
    const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint`;
    const endpoint = new RegExp(`${name}=(https?://[^/;]+)`).exec(connectionString)?.[1];
    if (endpoint === undefined) throw new Error(`The connection string has no ${name}.`);
    const proxy = await startProxy(endpoint, storageKind(service), scopes);
    proxies.push(proxy);
    proxied = proxied.replace(`${name}=${endpoint}`, `${name}=${proxy.url}`);
  }
  return {
    connectionString: proxied,
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

function storageKind(service: (typeof services)[number]): ProxyKind {
  return {
    sort: (method, path, headers, body) => storageRequest(service, method, path, headers, body),
    onRequest(request, scope) {
      if (isEnding(request)) scope.note("ending");
    },
    onAnswer({ place, kind }, scope, answer) {
      if (place === "jobs" && kind === "write" && answer.status < 300) scope.note("recorded");
      return answer;
    },
  };
}
