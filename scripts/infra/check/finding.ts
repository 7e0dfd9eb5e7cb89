/** Something that a check has against the templates or what stands around them. */
export interface Finding {
  rule: string;
  file: string;
  line: number;
  message: string;
}

export function showFinding({ rule, file, line, message }: Finding): string {
  return `${file}:${line} ${rule}: ${message}`;
}

/** Every shape of the deployment is checked; what is wrong in several is told once. */
export function unique(findings: Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [showFinding(finding), finding])).values()];
}
