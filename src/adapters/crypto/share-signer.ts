import type { ShareRecord, ShareSigner } from "../../ports/shares.ts";
import { purposeSigner } from "./purpose-signer.ts";

/** What is signed is job, image and share: an address can't be bent to another picture. How long it is good is the share's own affair. */
export function hmacShareSigner(signingKey: string): ShareSigner {
  const { sign, isGenuine } = purposeSigner(signingKey, "share");
  const signed = ({ jobId, index, id }: Pick<ShareRecord, "id" | "jobId" | "index">) =>
    `${jobId}\n${index}\n${id}`;

  return {
    sign: (share) => sign(signed(share)),
    isGenuine: (share, signature) => isGenuine(signed(share), signature),
  };
}
