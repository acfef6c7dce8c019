import { Braces, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { Select } from "@/components/ui/Select";
import { Tip } from "@/components/ui/Tip";
import type { DraftContent, VariableFormat, VariableInfo } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { rootOf, variablesOf, written } from "@/lib/template";

/** Chips in sight; a task may have hundreds of keys, and the menu has them all. */
const CHIPS_SHOWN = 8;

type VariableChipsProps = {
  content: DraftContent;
  variables: readonly VariableInfo[];
  choosing: boolean;
  onChoosing: (open: boolean) => void;
  onInsert: (name: string) => void;
  onFormat: (format: VariableFormat) => void;
};

const FORMATS: readonly { value: VariableFormat; label: string; hint: string }[] = [
  { value: "F_STRING", label: "{name}", hint: "Single braces; {{ and }} stand for braces" },
  { value: "MUSTACHE", label: "{{name}}", hint: "Mustache, with {{#sections}}" },
  { value: "NONE", label: "As written", hint: "No variables; braces are text" },
];

/** The variables of the target project. A press inserts one at the cursor; those in use are filled. */
export function VariableChips({ content, variables, choosing, onChoosing, onInsert, onFormat }: VariableChipsProps) {
  const used = new Set(
    content.messages.flatMap((message) =>
      variablesOf(message.content ?? "", content.input_variable_format).map(({ path }) => rootOf(path)),
    ),
  );
  const format = content.input_variable_format;
  const unused = variables.length > 0 && used.size === 0;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <span className="mr-0.5 text-xs font-semibold text-subtle">Variables</span>
      {variables.slice(0, CHIPS_SHOWN).map(({ name, sample }) => (
        <Tip
          key={name}
          content={sample === "" ? "Insert at the cursor" : `Insert. On the first task: ${short(sample)}`}
        >
          <button
            type="button"
            aria-label={`Insert ${written(name, format)}${used.has(name) ? ", in use" : ""}`}
            onClick={() => onInsert(name)}
            className={classes(
              "h-6 max-w-44 truncate rounded-sm border px-1.5 font-mono text-xs font-medium",
              used.has(name)
                ? "border-primary-border bg-primary-tint text-primary-content"
                : "border-dashed border-border-field bg-background text-subtle hover:bg-surface-hover",
            )}
          >
            {written(name, format)}
          </button>
        </Tip>
      ))}
      <Menu
        open={choosing}
        onOpenChange={onChoosing}
        trigger={
          <Button icon={Braces} look="string" size="small" command="prompt.variables" onClick={() => {}}>
            {variables.length > CHIPS_SHOWN ? `All ${variables.length}` : "Insert"}
          </Button>
        }
      >
        {variables.map(({ name, sample }) => (
          <MenuItem key={name} hint={short(sample)} onClick={() => onInsert(name)}>
            {written(name, format)}
          </MenuItem>
        ))}
      </Menu>
      <Select
        label="How variables are written"
        value={format}
        onChange={onFormat}
        options={FORMATS}
        className="h-6 border-transparent bg-transparent text-xs text-subtle"
      />
      {unused && (
        <span className="flex items-center gap-1 text-xs text-warning-content">
          <TriangleAlert aria-hidden className="size-3.5" />
          No variable in use: every task would get the same question.
        </span>
      )}
    </div>
  );
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
