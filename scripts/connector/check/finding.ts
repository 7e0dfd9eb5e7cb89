/** Something that a check has against a document. `rule` names the check and the rule in it: "dialect:array-items". */
export interface Finding {
  rule: string;
  place: string;
  message: string;
}

export function showFinding({ rule, place, message }: Finding): string {
  return `${rule} at ${place}: ${message}`;
}
