import { type RunnerTestCase, TestRunner } from "vitest";
import { whyNotHere } from "./aim.ts";

/** Skips a test, with the reason, as soon as it asks for something that the host it is aimed at doesn't offer. */
export default class AimedRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    try {
      await TestRunner.getTestFn(test)();
    } catch (error) {
      const reason = whyNotHere(error);
      if (reason !== undefined) test.context.skip(reason);
      throw error;
    }
  }
}
