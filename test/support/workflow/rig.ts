import { afterAll, beforeAll } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { committed } from "../connector-package.ts";
import { LiveDarkroom } from "../darkroom.ts";
import { Connection } from "./connection.ts";
import { Definition } from "./definition.ts";
import { WorkflowEngine } from "./engine.ts";
import { Gateway } from "./gateway.ts";

export interface Rig {
  darkroom: LiveDarkroom;
  engine: WorkflowEngine;
  /** Between engine and Darkroom. */
  gateway: () => Gateway;
  /** Between Darkroom and its tables. */
  tables: () => Gateway;
}

/** An engine that knows the committed definition, and a Darkroom that it reaches by a gateway, for one test file. */
export function useWorkflow(): Rig {
  const darkroom = new LiveDarkroom();
  const stops: (() => Promise<unknown>)[] = [];
  let gateway: Gateway | undefined;
  let tables: Gateway | undefined;

  beforeAll(async () => {
    const azurite = await startAzurite(undefined);
    stops.push(() => azurite.stop());
    tables = await Gateway.start(tableOrigin(azurite));
    stops.push(() => started(tables).stop());
    const settings = {
      AzureWebJobsStorage: azurite.connectionString,
      IMAGES_STORAGE: azurite.connectionString.replace(tableOrigin(azurite), tables.origin),
    };
    await darkroom.start({ settings, settingsMatterToSome: true });
    stops.push(() => darkroom.stop());
    gateway = await Gateway.start(darkroom.running.url);
    stops.push(() => started(gateway).stop());
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
  return {
    darkroom,
    engine: new WorkflowEngine(connection),
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
