import type { Measured } from "./input-check.ts";

const base = 65;
const perTile = 129;

/** What an input picture costs: its shorter side brought to 512, counted in tiles of that size; high fidelity adds its own. */
export function imageTokens({ width, height }: Measured, fine: boolean): number {
  const scale = Math.min(1, 512 / Math.min(width, height));
  const tiles = Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
  const extra = width === height ? 4096 : 6144;
  return base + perTile * tiles + (fine ? extra : 0);
}
