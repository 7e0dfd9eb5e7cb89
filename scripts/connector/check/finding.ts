/** Something that a check has against a document. `rule` names the check and the rule in it: "dialect:array-items". */
export interface Finding {
  rule: string;
  place: string;
  message: string;
}

export function showFinding({ rule, place, message }: Finding): string {
  return `${rule} at ${place}: ${message}`;
}

/** Makes the findings of one check, which is named before each of its rules. */
export const findingsOf =
  (check: string) =>
  (rule: string, place: string, message: string): Finding => ({ rule: `${check}:${rule}`, place, message });

export const when = (isWrong: boolean, found: Finding): Finding[] => (isWrong ? [found] : []);
