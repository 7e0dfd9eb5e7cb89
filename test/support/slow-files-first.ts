import { BaseSequencer, type TestSpecification } from "vitest/node";

// Seconds on two cores, as the runner's own report has them, of the files that take longest.
const seconds: Record<string, number> = {
  "host/kill-as-shipped": 80,
  "host/edit-inbox-kill": 75,
  "host/start": 75,
  "platform/deploy/after-deploy": 70,
  "platform/shared-hub": 73,
  "host/dialects/one-bill": 72,
  "host/kill": 70,
  "browser/gallery": 65,
  "host/edit-memory": 60,
  "host/faults": 60,
  "host/ended-instances": 60,
  "host/throttling": 50,
  "host/idempotency-kill": 50,
  "browser/accessibility": 50,
  "platform/kill": 40,
  "host/dialects/openai": 40,
  "platform/storage-triggers": 40,
};

/**
 * The slowest files begin first, so that no worker is left with one of them at the end. By default a fresh clone, which
 * has no earlier durations, goes by the size of files.
 */
export default class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      seconds[/test\/(.*)\.test\.ts$/.exec(moduleId)?.[1] ?? ""] ?? 0;
    return (await super.sort(files)).sort((a, b) => rank(b) - rank(a));
  }
}
