/** Commands to paste into a shell. The key is never part of them: they go into chats and tickets. */

const keyHeader = '-H "api-key: $DARKROOM_KEY"';

export function jsonCurl(address: string, body: object): string {
  return [
    `curl ${quote(address)}`,
    keyHeader,
    '-H "content-type: application/json"',
    `-d ${quote(JSON.stringify(body, undefined, 2))}`,
  ].join(" \\\n  ");
}

/** `--form-string`: a text that begins with @ or < would otherwise name a file to send. */
export function editCurl(
  origin: string,
  body: Record<string, unknown>,
  files: { images: readonly string[]; mask?: string },
): string {
  const fields = Object.entries(body).map(
    ([name, value]) => `--form-string ${quote(`${name}=${fieldText(value)}`)}`,
  );
  return [
    `curl ${quote(`${origin}/api/images/edits`)}`,
    keyHeader,
    ...fields,
    ...files.images.map((name) => `-F ${quote(`image=@${fileName(name)}`)}`),
    ...(files.mask === undefined ? [] : [`-F ${quote(`mask=@${fileName(files.mask)}`)}`]),
  ].join(" \\\n  ");
}

/** A field of a form: lists of words are joined as the form's reader splits them. */
export function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One word of a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A name in double quotes, in which curl reads no separators. */
function fileName(name: string): string {
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}
