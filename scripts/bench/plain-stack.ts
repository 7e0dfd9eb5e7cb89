import { type Darkroom, startDarkroom } from "../../local/darkroom.ts";
import { type Child, startChild } from "../../local/child.ts";

/** Darkroom in front of a service that costs next to nothing (plain-upstream.ts). */
export interface PlainStack {
  darkroom: Darkroom;
  headers: Record<string, string>;
  stop(): Promise<void>;
}

export function startUpstream(): Promise<Child> {
  return startChild("../scripts/bench/plain-upstream.ts", { log: process.stderr });
}

export async function startPlainStack(
  upstream: string,
  settings: Record<string, string> = {},
  instances = 1,
): Promise<PlainStack> {
  const darkroom = await startDarkroom({
    port: 0,
    instances,
    settings: {
      SERVICE_KEY: "none",
      IMAGE_DEPLOYMENTS: JSON.stringify([
        { name: "image", model: "gpt-image-1", endpoint: upstream, api_key_setting: "SERVICE_KEY" },
        { name: "dalle3", model: "dall-e-3", endpoint: upstream, api_key_setting: "SERVICE_KEY" },
      ]),
      ...settings,
    },
  });
  return {
    darkroom,
    headers: { "api-key": darkroom.key ?? "", "content-type": "application/json" },
    stop: () => darkroom.stop(),
  };
}
