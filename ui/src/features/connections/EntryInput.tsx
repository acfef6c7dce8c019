import { SecretInput } from "@/components/secrets/SecretInput";
import { Field, TextInput } from "@/components/ui/Field";
import { CertificateInput } from "./CertificateInput";
import { CredentialsInput } from "./CredentialsInput";
import { endsOddly, withVersionPath } from "./endpoint";
import { type EntryField, lengthMax } from "./providers";

type EntryInputProps = {
  field: EntryField;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  autoFocus?: boolean;
};

/** One field of a connection with its line of help. */
export function EntryInput({ field, value, onChange, error, autoFocus = false }: EntryInputProps) {
  const { kind = "text", label, hint, optional = false, placeholder } = field;
  if (kind === "credentials") {
    return <CredentialsInput label={label} hint={hint} value={value} onChange={onChange} error={error} />;
  }
  if (kind === "certificate") {
    return <CertificateInput label={label} hint={hint} value={value} onChange={onChange} error={error} />;
  }
  const mended = kind === "endpoint" && endsOddly(value) ? withVersionPath(value) : null;
  return (
    <Field
      label={label}
      optional={optional}
      error={error}
      hint={
        mended === null ? (
          hint
        ) : (
          <>
            {hint}{" "}
            <button
              type="button"
              className="font-semibold text-primary-content underline underline-offset-2"
              onClick={() => onChange(mended)}
            >
              Use {mended}
            </button>
          </>
        )
      }
    >
      {kind === "secret" ? (
        <SecretInput value={value} onChange={onChange} autoFocus={autoFocus} />
      ) : (
        <TextInput
          value={value}
          onChange={(next) => onChange(kind === "number" ? next.replace(/\D/g, "") : next)}
          placeholder={placeholder}
          inputMode={kind === "text" ? undefined : kind === "number" ? "numeric" : "url"}
          className={kind === "number" ? "max-w-32" : undefined}
          maxLength={lengthMax(field)}
          spellCheck={false}
          autoFocus={autoFocus}
        />
      )}
    </Field>
  );
}
