import { Check, Minus, X } from "lucide-react";
import { Badge } from "@/components/ui/Badge";
import type { Abilities } from "@/ipc/bindings";
import { classes } from "@/lib/classes";

const NAMES: readonly [keyof Abilities, string, string][] = [
  ["schema", "Schema", "The server holds every answer to the schema"],
  ["json", "JSON", "The server holds every answer to JSON"],
  ["images", "Images", "The model sees pictures"],
  ["pdf", "PDF", "The model reads PDF files"],
  ["logprobs", "Logprobs", "The server tells how likely each token of an answer was"],
];

/** What a model can do where it is asked, with what nobody knows. */
export function AbilityList({ abilities, className }: { abilities: Abilities; className?: string }) {
  return (
    <ul aria-label="What the model can do" className={classes("flex flex-wrap gap-1.5", className)}>
      {NAMES.map(([ability, name, meaning]) => {
        const able = abilities[ability];
        const [icon, word] = able === null ? [Minus, "not known"] : able ? [Check, "yes"] : [X, "no"];
        return (
          <li key={ability} className="flex">
            <Badge icon={icon} tone={able === true ? "positive" : "neutral"} title={`${meaning}: ${word}`}>
              {name}
              <span className="sr-only">: {word}</span>
            </Badge>
          </li>
        );
      })}
    </ul>
  );
}
