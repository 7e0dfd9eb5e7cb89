/** How a field shows in the designer: see docs/decisions/2026-11-21-connector-package.md. */
export type Visibility = "important" | "advanced" | "internal";

/** What a designer shows of a field: its title, its help, and, for a choice, the words for each value. */
export interface Shown extends Record<string, unknown> {
  "x-ms-summary": string;
  description: string;
}

/** The facts of a field that the definition tells and the app doesn't check by: titles, help, visibility. */
export function shown(summary: string, description: string, more: Record<string, unknown> = {}): Shown {
  return { "x-ms-summary": summary, description, ...more };
}

export const important = { "x-ms-visibility": "important" } as const;
export const advanced = { "x-ms-visibility": "advanced" } as const;
export const internal = { "x-ms-visibility": "internal" } as const;

/** A list to choose from. The app may take more than it offers: a model of tomorrow has sizes of its own. */
export function choices(values: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    enum: Object.keys(values),
    "x-ms-enum-values": Object.entries(values).map(([value, displayName]) => ({ value, displayName })),
  };
}
