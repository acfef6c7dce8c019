import { Card, CardRow } from "@/components/ui/Cards";
import type { TermName } from "@/lib/terms";

export type Measure = {
  name: string;
  term?: TermName;
  value: string;
  /** What it says, in a few words. */
  hint?: string | undefined;
};

/** Measures side by side. */
export function MeasureList({ of }: { of: readonly Measure[] }) {
  return (
    <CardRow>
      {of.map(({ name, term, value, hint }) => (
        <Card key={name} title={name} term={term} value={value}>
          {hint}
        </Card>
      ))}
    </CardRow>
  );
}
