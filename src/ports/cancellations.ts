/** Notices that jobs were canceled, for instances that have calls of theirs on their way. */
export interface CancellationNotices {
  publish(jobId: string, at: Date): Promise<void>;
  /** Ids of jobs that were canceled since then. */
  since(at: Date): Promise<string[]>;
  removeBefore(at: Date): Promise<void>;
}
