import * as z from "zod";

/** What a field is described by, on itself or on what it wraps. */
export function metaOf(field: unknown): Record<string, unknown> {
  if (!(field instanceof z.ZodType)) return {};
  const inner = field instanceof z.ZodOptional ? metaOf(field.unwrap()) : {};
  return { ...inner, ...field.meta() };
}

/** What stands within one that may be left out. */
export function unwrapped(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional ? unwrapped(field.unwrap() as z.ZodType) : field;
}
