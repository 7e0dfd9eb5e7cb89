import { afterAll, beforeAll } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { committed } from "../connector-package.ts";
import { LiveDarkroom } from "../darkroom.ts";
import { CallbackListener } from "./callback-listener.ts";
import { Connection } from "./connection.ts";
import { Definition } from "./definition.ts";
import { WorkflowEngine } from "./engine.ts";
import { Gateway } from "./gateway.ts";
import { Webhooks } from "./webhooks.ts";

export interface WorkflowHarness {
  darkroom: LiveDarkroom;
  engine: WorkflowEngine;
  webhooks: Webhooks;
  /** Between engine and Darkroom. */
  gateway: () => Gateway;
  /** Between Darkroom and its tables. */
  tables: () => Gateway;
}

/** An engine that knows the committed definition, and a Darkroom that it reaches by a gateway, for one test file. */
export function useWorkflow(): WorkflowHarness {
  const darkroom = new LiveDarkroom();
  const stops: (() => Promise<unknown>)[] = [];
  let gateway: Gateway | undefined;
  let tables: Gateway | undefined;
  const listener = new CallbackListener();

  async function stoodBefore(target: string): Promise<Gateway> {
    const gateway = new Gateway(target);
    await gateway.listen();
    stops.push(() => gateway.close());
    return gateway;
  }

  beforeAll(async () => {
    await listener.listen();
    stops.push(() => listener.close());
    const azurite = await startAzurite(undefined);
    stops.push(() => azurite.stop());
    tables = await stoodBefore(tableOrigin(azurite));
    const settings = {
      AzureWebJobsStorage: azurite.connectionString,
      IMAGES_STORAGE: azurite.connectionString.replace(tableOrigin(azurite), tables.origin),
      URL_ALLOWLIST: listener.origin,
    };
    await darkroom.start({
      settings,
      settingsMatterToSome: true,
      simulatorSettings: { latency_scale: 0.02 },
    });
    stops.push(() => darkroom.stop());
    gateway = await stoodBefore(darkroom.running.url);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const connection = new Connection(
    new Definition(committed("apiDefinition.swagger.json")),
    () => {
      darkroom.needSimulator();
      return started(gateway).origin;
    },
    () => darkroom.running.key ?? "",
  );
  const engine = new WorkflowEngine(connection);
  return {
    darkroom,
    engine,
    webhooks: new Webhooks(engine, () => {
      darkroom.needOwnSettings();
      return listener;
    }),
    gateway: () => started(gateway),
    tables: () => {
      darkroom.needOwnSettings();
      return started(tables);
    },
  };
}

function tableOrigin({ connectionString }: Azurite): string {
  return new URL(/TableEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? "").origin;
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("It has not started.");
  return thing;
}
