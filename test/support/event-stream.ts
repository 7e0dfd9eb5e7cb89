/** The smallest PNG there is: one pixel. */
export const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** Told apart from another by what stands behind its end. */
export const pixelNumber = (number: number) => Buffer.concat([pixel, Buffer.from([number])]);

/** The text of one server-sent event. */
export function event(name: string | undefined, data: unknown, end = "\n"): string {
  const named = name === undefined ? "" : `event: ${name}${end}`;
  return `${named}data: ${typeof data === "string" ? data : JSON.stringify(data)}${end}${end}`;
}

export const partialEvent = (index: number, kind = "image_generation", end = "\n") => {
  const type = `${kind}.partial_image`;
  return event(
    type,
    { type, partial_image_index: index, b64_json: pixelNumber(index).toString("base64") },
    end,
  );
};

export const usage = { input_tokens: 5, output_tokens: 272, total_tokens: 277 };

export const completedEvent = (kind = "image_generation", end = "\n") => {
  const type = `${kind}.completed`;
  return event(type, { type, b64_json: pixelNumber(9).toString("base64"), usage }, end);
};
