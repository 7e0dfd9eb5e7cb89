import { type BicepFile, type Expression, within } from "../../bicep/syntax.ts";
import type { Around, Place } from "./rule.ts";

/** What a rule about files, as they are written, finds in each of them. */
export function eachFile(
  around: Around,
  check: (file: BicepFile) => { line: number; message: string }[],
): Place[] {
  return around.files.flatMap((file) => check(file).map((found) => ({ file: file.path, ...found })));
}

/** Every expression of a file, and every part of each. */
export function expressionsOf(file: BicepFile): Expression[] {
  const starts = [
    ...file.parameters.flatMap(({ value }) => (value ? [value] : [])),
    ...[...file.variables, ...file.outputs].map(({ value }) => value),
    ...[...file.resources, ...file.modules, ...file.functions].map(({ body }) => body),
  ];
  return starts.flatMap((start) => [...within(start)]);
}

/** Whether `@secure()`, for one, stands before a declaration. */
export const decorated = ({ decorators }: { decorators: { name: string }[] }, name: string) =>
  decorators.some((each) => each.name === name);
