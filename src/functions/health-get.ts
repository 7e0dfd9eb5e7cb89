import type { Health } from "../contracts/http-api.ts";
import type { Clock } from "../ports/clock.ts";
import type { ImageStore } from "../ports/images.ts";
import type { BuildReader } from "../ports/served-files.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { within } from "../async/within.ts";

interface Dependencies {
  jobs: JobStore;
  images: ImageStore;
  clock: Clock;
  build: BuildReader;
}

const patienceMs = 3_000;
// It is public: asking it often must not mean asking storage often.
const freshMs = 5_000;

/** Host, storage and configuration. Nothing upstream is asked: a health check that bills would be a fault of its own. */
export const healthGet = ({ jobs, images, clock, build }: Dependencies): Endpoint => {
  let checkedAt = -Infinity;
  let storage: Promise<Health["checks"]["storage"]> = Promise.resolve("ok");
  return {
    name: "health-get",
    method: "GET",
    route: "api/health",
    access: "public",
    async handle() {
      const now = clock.now().getTime();
      if (now - checkedAt > freshMs) {
        checkedAt = now;
        storage = checkStorage(jobs, images);
      }
      const found = await storage;
      const health: Health = {
        status: found === "ok" ? "ok" : "degraded",
        ...(await build()),
        checks: { host: "ok", storage: found, configuration: "ok" },
      };
      return respondJson(found === "ok" ? 200 : 503, health);
    },
  };
};

async function checkStorage(jobs: JobStore, images: ImageStore): Promise<"ok" | "unreachable"> {
  try {
    await within(patienceMs, Promise.all([jobs.ping(), images.ping()]));
    return "ok";
  } catch {
    return "unreachable";
  }
}
