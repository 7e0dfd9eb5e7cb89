/** What opens one image of a job to anyone who has its address, until it is revoked, expires, or the job goes. */
export interface ShareRecord {
  id: string;
  jobId: string;
  index: number;
  createdAt: string;
  expiresAt?: string | undefined;
}

/** Shares, kept with their job and removed with it. */
export interface ShareStore {
  /** Throws `conflict` when the job has too many. */
  add(share: ShareRecord): Promise<void>;
  /** In the order of their ids. */
  list(jobId: string): Promise<ShareRecord[]>;
  find(jobId: string, shareId: string): Promise<ShareRecord | undefined>;
  /** One that isn't there is no fault. */
  remove(jobId: string, shareId: string): Promise<void>;
}

/** Makes addresses of shares that nobody else can make. */
export interface ShareSigner {
  sign(share: Pick<ShareRecord, "id" | "jobId" | "index">): string;
  isGenuine(share: Pick<ShareRecord, "id" | "jobId" | "index">, signature: string): boolean;
}
