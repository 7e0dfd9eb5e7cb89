import { AppError } from "../domain/app-error.ts";

/** Undefined when everybody writes the pool's state at once. */
export async function unlessCrowded<T>(change: () => Promise<T>): Promise<T | undefined> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
