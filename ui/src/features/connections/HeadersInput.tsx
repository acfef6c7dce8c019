import { Plus, X } from "lucide-react";
import { Button, IconButton } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import type { EnteredHeader } from "@/ipc/bindings";

/** A header of the list; the value of a stored one is in the keychain and stays there unless another is typed. */
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
  error: string | undefined;
};

/** Headers that every request carries, for a gateway that wants to know more than the key. */
export function HeadersInput({ rows, onChange, error }: HeadersInputProps) {
  const change = (id: number, part: Partial<HeaderRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="float-left mb-1.5 flex items-baseline gap-1.5 text-sm font-semibold">
        Headers <span className="text-xs font-normal text-subtler">optional</span>
      </legend>
      {rows.map((row) => (
        <div key={row.id} className="flex items-start gap-2">
          <Field label={<span className="sr-only">Name</span>} className="basis-2/5">
            <TextInput
              value={row.name}
              onChange={(name) => change(row.id, { name })}
              readOnly={row.stored}
              placeholder="x-team"
              maxLength={100}
              spellCheck={false}
            />
          </Field>
          <Field label={<span className="sr-only">Value of {row.name || "the header"}</span>} className="flex-1">
            <TextInput
              type="password"
              value={row.value}
              onChange={(value) => change(row.id, { value })}
              placeholder={row.stored ? "Stored; type another to replace it" : "Value"}
              spellCheck={false}
            />
          </Field>
          <IconButton
            icon={X}
            label={`Remove the header ${row.name}`.trim()}
            className="mt-2.5"
            onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
          />
        </div>
      ))}
      <div>
        <Button
          size="small"
          icon={Plus}
          onClick={() =>
            onChange([
              ...rows,
              { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: "", value: "", stored: false },
            ])
          }
        >
          Add a header
        </Button>
      </div>
      {error === undefined ? (
        <p className="text-xs text-subtler">Sent with every request. Values are kept in the system's keychain.</p>
      ) : (
        <p role="alert" className="text-xs text-negative-content">
          {error}
        </p>
      )}
    </fieldset>
  );
}
