/**
 * Names of events: an edit's and a generation's differ in their first word only. A name stands in the event's own line, in
 * its data under `type`, or in both; gateways are known to lose either.
 */

const partial = /(^|\.)partial_image$/;
const completed = /^(image_\w+\.)?(completed?|done|final|result|succeeded|message)$/;

/** Whether an event of this name tells that there will be no image. */
export const isFailure = (name: string) => /(^|\.)(error|failed)$/.test(name);

export const isPartial = (names: readonly string[]) => names.some((name) => partial.test(name));

/** Whether an event of these names brings images: events of names that nobody knows are passed over. */
export const isCompleted = (names: readonly string[]) =>
  names.length === 0 || names.some((name) => completed.test(name));
