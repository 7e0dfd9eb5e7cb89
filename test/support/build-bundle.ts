/** Builds the bundle once before the host tier: what the tests run is what is deployed. */
export async function setup(): Promise<void> {
  await import("../../scripts/build.ts");
}
