import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: { theme: { text: ["2xs"], shadow: ["popup", "dialog"] } },
});

/** Joins class names; of two that set the same property, the later one wins. */
export function classes(...values: ClassValue[]): string {
  return merge(clsx(values));
}
