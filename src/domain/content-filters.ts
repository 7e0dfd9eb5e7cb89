/** What the service's content filters found in one category. */
export interface FilterVerdict {
  filtered: boolean;
  /** safe, low, medium or high; absent where the category knows no degrees. */
  severity?: string;
  detected?: boolean;
}

/** By category, in the service's own words. */
export type FilterResults = Record<string, FilterVerdict>;

/** What was found in an image, or in what would have been one, and in the prompt it was made from. */
export interface ContentFilters {
  image?: FilterResults;
  prompt?: FilterResults;
}
