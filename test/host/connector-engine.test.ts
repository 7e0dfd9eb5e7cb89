import { describe, expect, it } from "vitest";
import { useWorkflow } from "../support/workflow/rig.ts";
import { actions } from "./connector/actions.ts";
import { designer } from "./connector/designer.ts";
import { jobs } from "./connector/jobs.ts";
import { lostAnswers } from "./connector/lost-answers.ts";
import { polling } from "./connector/polling.ts";
import { waitingActions, webhookTriggers } from "./connector/webhooks.ts";

/** Everything that a workflow engine does with the connector, over sockets, from its committed definition alone. */
const rig = useWorkflow();

describe("an action", () => actions(rig));
describe("an action that is posted again is billed once:", () => lostAnswers(rig));
describe("jobs", () => jobs(rig));
describe("a workflow that polls", () => polling(rig));
describe("an action that waits for a callback", () => waitingActions(rig));
describe("a workflow that is called", () => webhookTriggers(rig));
describe("a designer", () => designer(rig));

it("every operation of the definition has been played", () => {
  // Where callbacks can't be played, nothing is missing.
  rig.darkroom.needOwnSettings();
  const { definition, exercised } = rig.engine.connection;
  expect([...exercised].sort()).toEqual(definition.operations.map(({ operationId }) => operationId).sort());
});
