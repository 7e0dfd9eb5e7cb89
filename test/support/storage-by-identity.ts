import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { trustedLoopback } from "./loopback-tls.ts";

/**
 * Storage as it is reached in Azure: no account key, a token from Entra ID. The emulator takes any token of the right
 * form, over https only.
 */
export function useAzuriteByIdentity(): { service: () => BlobServiceClient } {
  let azurite: Azurite | undefined;
  let folder: string | undefined;
  let service: BlobServiceClient | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "darkroom-tls-"));
    const pems = await trustedLoopback();
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    await writeFile(cert, pems.cert);
    await writeFile(key, pems.private);
    azurite = await startAzurite(undefined, { args: ["--oauth", "basic", "--cert", cert, "--key", key] });
    const url = /BlobEndpoint=([^;]+)/.exec(azurite.connectionString)?.[1] ?? "";
    const credential = {
      getToken: () => Promise.resolve({ token: homeMadeToken(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    service = new BlobServiceClient(url, credential);
  });
  afterAll(async () => {
    await azurite?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  return {
    service: () => {
      if (!service) throw new Error("Azurite has not started.");
      return service;
    },
  };
}

function homeMadeToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const idempotency = {
    aud: "https://storage.azure.com",
    iss: "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
    iat: now - 60,
    nbf: now - 60,
    exp: now + 3_600,
    oid: "me",
    tid: "here",
    ver: "1.0",
  };
  return `${part({ typ: "JWT", alg: "RS256" })}.${part(idempotency)}.c2ln`;
}

/** The status of the answer to a request without credentials, over a connection of its own. */
export function statusOf(
  url: string,
  { body, ...options }: RequestOptions & { body?: string } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { ...options, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    })
      .on("error", reject)
      .end(body);
  });
}
