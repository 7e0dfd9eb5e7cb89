import { Writable } from "node:stream";

/** A log that several write into: every line begins with who wrote it, and no line is torn by another's. */
export function taggedLog(log: Writable, tag: string): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) log.write(`${tag}${line}\n`);
      done();
    },
    final(done) {
      if (rest !== "") log.write(`${tag}${rest}\n`);
      done();
    },
  });
}
