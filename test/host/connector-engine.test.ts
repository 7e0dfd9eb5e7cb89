import { describe, expect, it } from "vitest";
import { useWorkflow } from "../support/workflow/harness.ts";
import { actions } from "./connector/actions.ts";
import { designer } from "./connector/designer.ts";
import { inputs } from "./connector/inputs.ts";
import { jobs } from "./connector/jobs.ts";
import { lostAnswers } from "./connector/lost-answers.ts";
import { polling } from "./connector/polling.ts";
import { samples } from "./connector/samples.ts";
import { waitingActions, webhookTriggers } from "./connector/webhooks.ts";

/** Everything that a workflow engine does with the connector, over sockets, from its committed definition alone. */
const harness = useWorkflow();

describe("an action", () => actions(harness));
describe("an action that is posted again is billed once:", () => lostAnswers(harness));
describe("jobs", () => jobs(harness));
describe("a workflow that polls", () => polling(harness));
describe("an action that waits for a callback", () => waitingActions(harness));
describe("a workflow that is called", () => webhookTriggers(harness));
describe("inputs", () => inputs(harness));
describe("a designer", () => designer(harness));
describe("a sample workflow", () => samples(harness));

it("every operation of the definition has been played", () => {
  // Where callbacks can't be played, nothing is missing.
  harness.darkroom.needOwnSettings();
  const { definition, exercised } = harness.engine.connection;
  expect([...exercised].sort()).toEqual(
    definition.operations
      .map(({ operationId }) => operationId)
      // Agents call it, by an SDK of their own: connector-mcp.test.ts.
      .filter((operationId) => operationId !== "InvokeMcp")
      .sort(),
  );
});
