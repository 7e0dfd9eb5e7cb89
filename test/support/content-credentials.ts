import { createPrivateKey, sign, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import initialize, { WasmBuilder, WasmReader } from "@contentauth/c2pa-wasm";
import { generate } from "selfsigned";

/**
 * C2PA's own reference implementation: signs pictures as an image service does, and reads what came back. The certificate is
 * one that nobody trusts, which a reader tells apart from a broken manifest.
 */
const settings = JSON.stringify({ verify: { verify_trust: false, verify_after_sign: false } });
const reserveSize = 4_096;

let loaded: Promise<unknown> | undefined;
const load = () =>
  (loaded ??= readFile(fileURLToPath(import.meta.resolve("@contentauth/c2pa-wasm/c2pa.wasm"))).then((wasm) =>
    initialize({ module_or_path: wasm }),
  ));

/** What holds of the manifest, by C2PA's own words. Throws for a picture without one. */
export async function readCredentials(bytes: Uint8Array, type: string): Promise<string[]> {
  await load();
  const reader = await WasmReader.fromBytes(type, bytes, settings);
  const { validation_results: results } = JSON.parse(reader.json()) as {
    validation_results: { activeManifest: { success: { code: string }[] } };
  };
  return results.activeManifest.success.map(({ code }) => code);
}

/** The signature holds, and the bytes are those that were signed. */
export const unbroken = ["claimSignature.insideValidity", "assertion.dataHash.match"];

/** The picture with a manifest which says that a model made it. */
export async function withCredentials(picture: Uint8Array, type: string): Promise<Buffer> {
  await load();
  const made = {
    action: "c2pa.created",
    digitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
  };
  const builder = WasmBuilder.fromJson(
    JSON.stringify({
      claim_generator_info: [{ name: "An image service", version: "1" }],
      assertions: [{ label: "c2pa.actions", data: { actions: [made] } }],
    }),
    settings,
  );
  const signer = { sign: await coseSigner(), reserveSize, alg: "es256" };
  return Buffer.from(await builder.sign(signer, [], type, new BlobInMemory(picture)));
}

/** Its builder reads a Blob synchronously, as workers of browsers do. */
class BlobInMemory extends Blob {
  readonly content: Uint8Array;
  constructor(bytes: Uint8Array) {
    super([Buffer.from(bytes)]);
    this.content = bytes;
  }
  override slice(start?: number, end?: number): Blob {
    return new BlobInMemory(this.content.slice(start, end));
  }
}
Object.assign(globalThis, {
  FileReaderSync: class {
    readAsArrayBuffer({ content }: BlobInMemory): ArrayBuffer {
      return Uint8Array.from(content).buffer;
    }
  },
});

/** COSE_Sign1 (RFC 9052, 4.2) by ES256, its certificate in the protected header (x5chain, 33), padded to what is reserved. */
async function coseSigner() {
  const { private: key, cert } = await generate([{ name: "commonName", value: "An image service" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", emailProtection: true },
    ],
  });
  const header = Buffer.concat([
    cbor(5, 2),
    cbor(0, 1),
    cbor(1, 6),
    cbor(0, 33),
    data(new X509Certificate(cert).raw),
  ]);
  return async (claim: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    const signed = [
      cbor(4, 4),
      text("Signature1"),
      data(header),
      data(Buffer.alloc(0)),
      data(Buffer.from(claim)),
    ];
    const signature = sign("sha256", Buffer.concat(signed), {
      key: createPrivateKey(key),
      dsaEncoding: "ieee-p1363",
    });
    const padded = (length: number) =>
      Buffer.concat([
        ...[cbor(6, 18), cbor(4, 4), data(header), cbor(5, 1), text("pad"), data(Buffer.alloc(length))],
        ...[cbor(7, 22), data(signature)],
      ]);
    return Uint8Array.from(padded(reserveSize - padded(256).length + 256));
  };
}

/** The head of a value (RFC 8949, 3): its major type and its length or number. */
function cbor(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  return value < 256
    ? Buffer.from([(major << 5) | 24, value])
    : Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

const data = (bytes: Buffer) => Buffer.concat([cbor(2, bytes.length), bytes]);
const text = (word: string) => Buffer.concat([cbor(3, word.length), Buffer.from(word)]);
