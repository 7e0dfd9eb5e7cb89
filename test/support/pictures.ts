/** The first and last bytes of a PNG, which is all that Darkroom reads of one; `mark` makes one differ from the next. */
export function aPng(width = 1024, height = 1024, mark = 0): Uint8Array {
  const bytes = new Uint8Array(46);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes[33] = mark;
  bytes.set([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82], 34);
  return bytes;
}
