/** For the simulator: pictures that take no time to draw. */
export const tiny = "[[image-size=64x64]]";
