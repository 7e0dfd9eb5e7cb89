import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate, type GenerateResult } from "selfsigned";

/** A key and a certificate for servers on loopback, which this process trusts from then on. */
export async function trustedLoopback(): Promise<GenerateResult> {
  const pems = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  setDefaultCACertificates([...getCACertificates(), pems.cert]);
  return pems;
}
