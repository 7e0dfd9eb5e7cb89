import type { Flow } from "../flows/flow.ts";
import type { Rule } from "../proxy/rule.ts";

/** Something that goes wrong in a run, and what it may cost. */
export interface PlannedFault {
  /** Unique; said in reports. */
  name: string;
  side: "storage" | "upstream";
  /** Rules for the proxies … */
  rules?: readonly Rule[];
  /** … or words for the simulated service. */
  words?: string;
  /** Whether it can happen in that flow at all. */
  strikes(flow: Flow): boolean;
  /** Codes that failed slots may then carry. None: every picture must come. */
  mayFail?: readonly string[];
  /** Answers of the service are whole and yet of no use: nothing can be said of what was received. */
  spoils?: true;
  /** Paid work whose answer never came whole: it may be bought again, and then is flagged. */
  mayRepeat?: true;
}
