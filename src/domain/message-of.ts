/** What a log line says of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
