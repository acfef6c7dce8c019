import { useQuery } from "@tanstack/react-query";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { spacesQuery } from "@/ipc/queries";

type SpaceFieldProps = {
  /** `null` for the space that every workspace has. */
  value: string | null;
  onChange: (spaceId: string) => void;
  error?: string | undefined;
};

/** The space of a prompt; nothing where there is no choice. */
export function SpaceField({ value, onChange, error }: SpaceFieldProps) {
  const spaces = useQuery(spacesQuery()).data ?? [];
  if (spaces.length < 2) return null;
  const chosen = spaces.find(({ id }) => id === value) ?? spaces.find(({ is_default }) => is_default);
  return (
    <Field label="Space" error={error}>
      <Select
        size="large"
        value={chosen?.id ?? null}
        onChange={onChange}
        options={spaces.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Field>
  );
}
