import type { ServiceMode } from "../domain/service-mode.ts";

/** What operators have the app do with new jobs. */
export interface ServiceState {
  /** A few seconds old at most. */
  mode(): Promise<ServiceMode>;
  set(mode: ServiceMode): Promise<void>;
}
