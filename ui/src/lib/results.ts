/** What the rows of results can be sorted by, beside their place in the project. */
export const SORTED_BY = ["score", "confidence", "latency", "cost"] as const;
