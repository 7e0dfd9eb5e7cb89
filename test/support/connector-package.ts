import { readFileSync } from "node:fs";
import { connectorFolder } from "../../scripts/connector/files.ts";
import type { JsonObject } from "../../scripts/connector/json.ts";

/** A file of the connector's package as it is committed. */
export const committedText = (name: string) => readFileSync(new URL(name, connectorFolder), "utf8");
export const committed = (name: string) => JSON.parse(committedText(name)) as JsonObject;
export const committedIcon = () => readFileSync(new URL("icon.png", connectorFolder));
