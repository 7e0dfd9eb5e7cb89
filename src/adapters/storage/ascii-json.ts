/** ASCII alone: no reader can take it in the wrong encoding, and the emulator damages anything else above 64 KB. */
export function toAsciiJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return `${text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}
