import { createServer } from "node:http";
import { resolve } from "node:path";
import { createAdmin } from "./admin.ts";
import { durableClientBinding } from "./durable/client-binding.ts";
import { createDurableApi } from "./durable/http-api.ts";
import { workerFunctions } from "./durable/worker-functions.ts";
import { readAppPackage } from "./entry-point.ts";
import { platformVariables } from "./environment.ts";
import { loadFunctions, option } from "./functions.ts";
import type { LoadedFunction } from "./functions.ts";
import { readHostConfig } from "./host-config.ts";
import { createFrontEnd } from "./http.ts";
import type { HttpFunction } from "./http.ts";
import { answerEmpty } from "./http-message.ts";
import { createRpcMode } from "./http-rpc.ts";
import { createStreamMode } from "./http-stream.ts";
import { attachToHub } from "./hub/attach.ts";
import { openOwnHub } from "./hub/own-hub.ts";
import { hiddenAfterKill } from "./hub/times.ts";
import { createInvoker } from "./invoker.ts";
import { loadKeys } from "./keys.ts";
import { close, listen } from "./listen.ts";
import { createLog } from "./log.ts";
import { buildRoutes } from "./routes.ts";
import { serveDurableRpc } from "./durable/rpc-listener.ts";
import { startTriggers } from "./triggers/start.ts";
import { startWorker } from "./worker.ts";

export const hostVersion = "4.1037.0";

// The answer to a request that starts an instance leaves before the instance takes the event loop.
export const startDelayMs = 5;

// More than is taken: what is too long is refused as the real host does it (http.ts), and not by Node.
const frontHeaderBytes = 1024 * 1024;

export interface HostOptions {
  appDirectory: string;
  /** 0 for a free port. */
  port: number;
  /** IPv4 address to listen at: 0.0.0.0 for all of this machine's. By default other machines don't reach it. */
  address?: string | undefined;
  dataDirectory: string;
  enforceKeys: boolean;
  /** Takes work from the hub that owns the data folder, and doesn't claim the folder itself. */
  attach?: boolean;
  /** App settings; the app itself reads the same ones from the environment. */
  environment: NodeJS.ProcessEnv;
  write: (text: string) => void;
}

export interface RunningHost {
  url: string;
  /** Stops listening, lets calls in flight finish within `grace` milliseconds, runs the app's last hooks. */
  drain(grace: number): Promise<void>;
}

/** Starts the host and resolves when it answers. One per process: the function library keeps process-wide state. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { environment, write } = options;
  const appDirectory = resolve(options.appDirectory);
  const config = readHostConfig(appDirectory);
  const log = createLog(write, config.logFilter);
  const keys = loadKeys(options.dataDirectory);
  // First of all the lock, or the hub's consent: anyone who is refused must not get as far as running the app.
  const { dataDirectory } = options;
  const hub = options.attach ? await attachToHub(dataDirectory) : openOwnHub(dataDirectory);

  // The port must be known before the app loads, because the app may read it then.
  const server = createServer({ maxHeaderSize: frontHeaderBytes }, (_request, response) =>
    answerEmpty(response, 503),
  );
  const port = await listen(server, options.port, options.address);
  Object.assign(environment, platformVariables(appDirectory, port));

  const worker = await startWorker({ appDirectory, hostVersion, log });
  const functions = loadFunctions(worker.functions, environment, log);
  const rpc = await serveDurableRpc((request, path, query) => durable(request, path, query));
  const hubName = config.durable.hubName;
  const addresses = {
    hubName,
    hostName: `localhost:${port}`,
    systemKey: keys.system.durabletask_extension,
    rpcBaseUrl: rpc.baseUrl,
  };
  const invoker = createInvoker({
    worker,
    log,
    functionTimeout: config.functionTimeout,
    durableClient: (binding) => durableClientBinding(addresses, option(binding, "taskHub")),
  });
  const client = hub.join(
    workerFunctions(functions, () => invoker),
    {
      ...config.durable,
      startDelay: startDelayMs,
      hiddenAfterKill: hiddenAfterKill(config.durable, environment),
    },
  );
  const durable = createDurableApi({ hub: client, addresses });
  const hostId = hostIdOf(environment, readAppPackage(appDirectory).name);
  const triggers = await startTriggers({
    functions,
    invoker,
    config,
    log,
    environment,
    hostId,
    dataDirectory,
    holdsSingleton: () => hub.holdsSingleton(),
  });
  hub.onSingleton((held) => triggers.setSingleton(held));

  const routes = buildRoutes(httpFunctions(functions), config.routePrefix);
  for (const { loaded } of httpFunctions(functions)) warnAboutEmptyRoute(loaded, log);
  const mode = {
    invoker,
    log,
    bodyLimit: Number(environment["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] ?? 104_857_600),
  };
  server.removeAllListeners("request");
  server.on(
    "request",
    createFrontEnd({
      routes,
      keys,
      enforceKeys: options.enforceKeys,
      call: worker.httpUri === undefined ? createRpcMode(mode) : createStreamMode(worker.httpUri, mode),
      admin: createAdmin({
        functions,
        hostId,
        hostVersion,
        baseUrl: `http://localhost:${port}`,
        routeOf: (name) => routes.find((route) => route.function.name === name)?.template,
        runManually: triggers.runManually,
      }),
      durable,
      blobEvents: triggers.blobEvents,
    }),
  );
  for (const route of routes) {
    const methods = route.function.methods?.join(",") ?? "all";
    log(
      "information",
      "Host.Startup",
      `Mapped function route '${route.template}' [${methods}] to '${route.function.name}'`,
    );
  }
  const { address = "0.0.0.0" } = options;
  const url = `http://${address === "0.0.0.0" ? "127.0.0.1" : address}:${port}`;
  log("information", "Host.Startup", `Host ready on ${url}`);
  return {
    url,
    async drain(grace) {
      const closed = close(server);
      const patience = new Promise((end) => setTimeout(end, grace));
      await Promise.race([
        Promise.all([triggers.stop(), hub.stop(), invoker.drain(grace), closed]),
        patience,
      ]);
      server.closeAllConnections();
      rpc.close();
      await worker.terminate();
      await hub.close();
    },
  };
}

function httpFunctions(functions: readonly LoadedFunction[]): HttpFunction[] {
  return functions
    .filter(({ kind }) => kind === "httptrigger")
    .map((loaded) => {
      const { name, trigger } = loaded;
      const methods = Array.isArray(trigger["methods"]) ? (trigger["methods"] as string[]) : undefined;
      return {
        name,
        loaded,
        route: option(trigger, "route"),
        authLevel: option(trigger, "authLevel"),
        methods: methods?.map((method) => method.toUpperCase()),
      };
    });
}

function warnAboutEmptyRoute({ name, trigger }: LoadedFunction, log: ReturnType<typeof createLog>): void {
  if (option(trigger, "route") !== "") return;
  log(
    "warning",
    "Host.Startup",
    `Function '${name}' has an empty route, which Azure reads as '${name}'. Use "/" for the root.`,
  );
}

/** Names what this host keeps in the storage account, so that apps can share one (HOST ScriptHostIdProvider.cs). */
function hostIdOf(environment: NodeJS.ProcessEnv, packageName = "app"): string {
  const given = environment["AzureFunctionsWebHost__hostid"];
  return (given ?? `local-${packageName}`)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 32);
}
