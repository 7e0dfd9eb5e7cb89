/** An answer that a proxy makes up. */
export interface FaultReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}
