import { BaseSequencer, type TestSpecification } from "vitest/node";

// Those that take longest, in the order in which they begin: one that mostly waits (for clocks, kills, hidden messages)
// beside one that computes, so that neither all workers wait at once nor all compute.
const first = [
  ["host/kill-as-shipped", "browser/playground"],
  ["host/throttling", "host/idempotency-kill"],
  ["host/edit-inbox", "host/bench"],
  ["host/edit-inbox-kill", "contract/infra/compiler"],
  ["platform/deploy/after-deploy", "browser/accessibility"],
  ["host/dialects/one-bill", "browser/gallery"],
  ["host/ended-instances", "host/edit-memory"],
  ["host/operators", "host/readme-commands"],
  ["platform/shared-hub", "host/connector-engine"],
  ["platform/kill", "host/faults"],
  ["host/start", "host/dialects/openai"],
  ["platform/start-func", "host/kill"],
  ["host/edits", "browser/edit"],
  ["platform/storage-triggers", "contract/connector/defects-in-form"],
].flat();

/**
 * The slowest files begin first, so that no worker is left with one of them at the end. By default a fresh clone, which
 * has no earlier durations, goes by the size of files.
 */
export default class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = first.indexOf(/test\/(.*)\.test\.ts$/.exec(moduleId)?.[1] ?? "");
      return at === -1 ? first.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
