import { type RunnerTestCase, TestRunner } from "vitest";
import { whyNotHere } from "./aim.ts";

/** Skips a test, with the reason, as soon as it asks for something that its host doesn't offer. */
export default class SkippingRunner extends TestRunner {
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
