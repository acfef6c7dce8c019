import type { PerClass } from "@/ipc/bindings";

export type ClassSort = {
  by: "class" | "precision" | "recall" | "f1" | "support" | "tp" | "fp" | "fn";
  descending: boolean;
};

/** Classes in an order; those of which it cannot be told come last, whichever way. Equal ones keep their own order. */
export function sorted(rows: readonly PerClass[], { by, descending }: ClassSort): PerClass[] {
  const sign = descending ? -1 : 1;
  if (by === "class") return [...rows].sort((a, b) => sign * a.class.localeCompare(b.class));
  const key = (row: PerClass): number | undefined => {
    switch (by) {
      case "support":
        return row.support;
      case "tp":
        return row.true_positives;
      case "fp":
        return row.predicted - row.true_positives;
      case "fn":
        return row.support - row.true_positives;
      default:
        return row[by]?.value;
    }
  };
  return [...rows].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return sign * (one - other);
  });
}
