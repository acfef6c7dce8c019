import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import type { EnteredHeader } from "@/ipc/bindings";

/** A header of the list; the value of a stored one stays where it is kept unless another is typed. */
export type HeaderRow = { id: number; name: string; value: string; stored: boolean };

export function rowsOf(names: readonly string[]): HeaderRow[] {
  return names.map((name, id) => ({ id, name, value: "", stored: true }));
}

/** The list as it is sent, without rows that nobody filled. */
export function headersOf(rows: readonly HeaderRow[]): EnteredHeader[] {
  return rows
    .filter(({ name, value }) => name.trim() !== "" || value !== "")
    .map(({ name, value, stored }) => ({ name, value: stored && value === "" ? null : value }));
}

type HeadersInputProps = {
  rows: readonly HeaderRow[];
  onChange: (rows: HeaderRow[]) => void;
  /** Whether their values are kept in memory, where there is no keychain. */
  untilQuit: boolean;
  error: string | undefined;
};

/** Headers that every request carries, for a gateway that wants to know more than the key. */
export function HeadersInput({ rows, onChange, untilQuit, error }: HeadersInputProps) {
  const change = (id: number, part: Partial<HeaderRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  /** The row that was added, until its name has the focus. */
  const added = useRef<number | null>(null);
  const adder = useRef<HTMLButtonElement>(null);
  const removers = useRef(new Map<number, HTMLButtonElement>());
  const add = () => {
    const id = Math.max(-1, ...rows.map(({ id }) => id)) + 1;
    added.current = id;
    onChange([...rows, { id, name: "", value: "", stored: false }]);
  };
  const remove = (at: number) => {
    const next = rows[at + 1];
    // Before the row goes: the focus would go with it.
    ((next && removers.current.get(next.id)) ?? adder.current)?.focus();
    onChange(rows.filter((_, other) => other !== at));
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="float-left flex items-baseline gap-1.5 text-sm font-semibold">
        Headers <span className="text-xs font-normal text-subtler">optional</span>
      </legend>
      {rows.map((row, at) => (
        // What the labels would take is taken back: they are not seen.
        <div key={row.id} className="-mt-1.5 flex items-start gap-2">
          <Field label={<span className="sr-only">Name of header {at + 1}</span>} className="basis-2/5">
            <TextInput
              ref={(input) => {
                if (input === null || added.current !== row.id) return;
                added.current = null;
                input.focus();
              }}
              value={row.name}
              onChange={(name) => change(row.id, { name })}
              readOnly={row.stored}
              placeholder="x-team"
              maxLength={100}
              spellCheck={false}
            />
          </Field>
          <Field
            label={<span className="sr-only">Value of {row.name.trim() || `header ${at + 1}`}</span>}
            className="flex-1"
          >
            <TextInput
              type="password"
              value={row.value}
              onChange={(value) => change(row.id, { value })}
              placeholder={row.stored ? "Stored; type another to replace it" : "Value"}
              spellCheck={false}
            />
          </Field>
          <IconButton
            ref={(button) => {
              if (button === null) removers.current.delete(row.id);
              else removers.current.set(row.id, button as HTMLButtonElement);
            }}
            icon={X}
            label={row.name.trim() === "" ? `Remove header ${at + 1}` : `Remove the header ${row.name.trim()}`}
            className="mt-2.5"
            onClick={() => remove(at)}
          />
        </div>
      ))}
      <div>
        <Button ref={adder} size="small" icon={Plus} onClick={add}>
          Add a header
        </Button>
      </div>
      {error === undefined ? (
        <p className="text-xs text-subtler">
          Sent with every request. Values are kept in {untilQuit ? "memory until you quit" : "the system's keychain"}.
        </p>
      ) : (
        <p role="alert" className="text-xs text-negative-content">
          {error}
        </p>
      )}
    </fieldset>
  );
}
