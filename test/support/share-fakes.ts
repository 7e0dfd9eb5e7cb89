import type { ShareRecord, ShareStore } from "../../src/ports/shares.ts";

export class MemoryShareStore implements ShareStore {
  readonly shares: ShareRecord[] = [];

  async add(share: ShareRecord): Promise<void> {
    this.shares.push(share);
  }
  async list(jobId: string): Promise<ShareRecord[]> {
    return this.shares.filter((share) => share.jobId === jobId);
  }
  async find(jobId: string, shareId: string): Promise<ShareRecord | undefined> {
    return this.shares.find(({ id, jobId: of }) => id === shareId && of === jobId);
  }
  async remove(jobId: string, shareId: string): Promise<void> {
    const at = this.shares.findIndex(({ id, jobId: of }) => id === shareId && of === jobId);
    if (at >= 0) this.shares.splice(at, 1);
  }
}
