import { BookOpen, Check, History, type LucideIcon, Minus, X } from "lucide-react";
import { Badge } from "@/components/ui/Badge";
import type { Abilities, AbilitySource, AbilitySources } from "@/ipc/bindings";
import { classes } from "@/lib/classes";

const NAMES: readonly [keyof Abilities, string, string][] = [
  ["schema", "Schema", "The server holds every answer to the schema"],
  ["json", "JSON", "The server holds every answer to JSON"],
  ["images", "Images", "The model sees pictures"],
  ["pdf", "PDF", "The model reads PDF files"],
  ["logprobs", "Logprobs", "The server tells how likely each token of an answer was"],
];

/** Where it is known from, with the mark of what was not tried by this test. */
const SOURCES: Record<AbilitySource, { words: string; mark?: LucideIcon }> = {
  test: { words: "tried by this test" },
  earlier_test: { words: "by an earlier test", mark: History },
  catalogue: { words: "by the catalogue", mark: BookOpen },
};

type AbilityListProps = {
  abilities: Abilities;
  /** `null` in records of older versions. */
  sources: AbilitySources | null;
  className?: string;
};

/** What a model can do where it is asked and where that is known from, with what nobody knows. */
export function AbilityList({ abilities, sources, className }: AbilityListProps) {
  const marked = (["earlier_test", "catalogue"] as const).filter((source) =>
    NAMES.some(([ability]) => sources?.[ability] === source),
  );
  return (
    <div className={classes("flex flex-col gap-1", className)}>
      <ul aria-label="What the model can do" className="flex flex-wrap gap-1.5">
        {NAMES.map(([ability, name, meaning]) => {
          const able = abilities[ability];
          const [icon, word] = able === null ? [Minus, "not known"] : able ? [Check, "yes"] : [X, "no"];
          const source = sources?.[ability] ?? null;
          const { words, mark: Mark } = source === null ? {} : SOURCES[source];
          const said = words === undefined ? word : `${word}, ${words}`;
          return (
            <li key={ability} className="flex">
              <Badge icon={icon} tone={able === true ? "positive" : "neutral"} title={`${meaning}: ${said}`}>
                {name}
                <span className="sr-only">: {said}</span>
                {Mark !== undefined && <Mark aria-hidden className="ml-1 inline size-3 align-[-0.125em]" />}
              </Badge>
            </li>
          );
        })}
      </ul>
      {marked.length > 0 && (
        <p aria-hidden className="flex flex-wrap gap-x-3 text-xs text-subtle">
          {marked.map((source) => {
            const { words, mark: Mark } = SOURCES[source];
            return (
              <span key={source} className="inline-flex items-center gap-1">
                {Mark !== undefined && <Mark className="size-3" />}
                {words}
              </span>
            );
          })}
        </p>
      )}
    </div>
  );
}
