import { TriangleAlert } from "lucide-react";
import type { Ref } from "react";
import { CertificateInput } from "@/components/reach/CertificateInput";
import { SecretInput } from "@/components/secrets/SecretInput";
import { Field, TextInput } from "@/components/ui/Field";
import { typedAmount } from "@/lib/amount";
import { CredentialsInput } from "./CredentialsInput";
import { endsOddly, withVersionPath } from "./endpoint";
import { type EntryField, lengthMax, type Typed } from "./providers";

type EntryInputProps = {
  field: EntryField;
  entered: Typed;
  onEnter: (part: Typed) => void;
  error: string | undefined;
  /** What is odd about what was entered, though it is taken; `null` for nothing. */
  warning?: string | null | undefined;
  /** Where it leads, as far as that is known. */
  address?: string | null | undefined;
  onLeave?: (() => void) | undefined;
  autoFocus?: boolean;
  /** Of a certificate: the field it is pasted into. */
  inputRef?: Ref<HTMLTextAreaElement> | undefined;
};

type Kind = NonNullable<EntryField["kind"]>;

/** What of a text can be typed into a field of numbers. */
const typable: Partial<Record<Kind, (text: string) => string>> = {
  number: (text) => text.replace(/\D/g, ""),
  dollars: typedAmount,
};

const modes: Partial<Record<Kind, "text" | "numeric" | "decimal">> = {
  text: "text",
  number: "numeric",
  dollars: "decimal",
};

/** One field of a connection with its line of help. */
export function EntryInput({ field, entered, onEnter, error, autoFocus = false, inputRef, ...rest }: EntryInputProps) {
  const { warning, address = null, onLeave } = rest;
  const { kind = "text", name, label, hint, optional = false, placeholder } = field;
  if (kind === "credentials") {
    return <CredentialsInput label={label} hint={hint} entered={entered} onEnter={onEnter} error={error} />;
  }
  const value = entered[name] ?? "";
  const onChange = (value: string) => onEnter({ [name]: value });
  if (kind === "certificate") {
    return (
      <CertificateInput label={label} hint={hint} value={value} onChange={onChange} error={error} inputRef={inputRef} />
    );
  }
  const mended = kind === "endpoint" && endsOddly(value) ? withVersionPath(value) : null;
  return (
    <Field
      label={label}
      optional={optional}
      error={error}
      hint={
        <>
          {hint}
          {mended !== null && (
            <>
              {" "}
              <button
                type="button"
                className="font-semibold text-primary-content underline underline-offset-2"
                onClick={() => onChange(mended)}
              >
                Use {mended}
              </button>
            </>
          )}
          {address !== null && (
            <span className="mt-0.5 block select-text">
              Asked at <span className="font-mono break-all">{address}</span>
            </span>
          )}
          {warning !== undefined && (
            <span role="status" className="text-warning-content">
              {warning !== null && (
                <span className="mt-1 flex items-start gap-1">
                  <TriangleAlert aria-hidden className="mt-0.5 size-3 shrink-0" />
                  {warning}
                </span>
              )}
            </span>
          )}
        </>
      }
    >
      {kind === "secret" ? (
        <SecretInput value={value} onChange={onChange} autoFocus={autoFocus} />
      ) : (
        <TextInput
          value={value}
          onChange={(next) => onChange(typable[kind]?.(next) ?? next)}
          onBlur={onLeave}
          placeholder={placeholder}
          inputMode={modes[kind] ?? "url"}
          className={kind in typable ? "max-w-32" : undefined}
          maxLength={lengthMax(field)}
          spellCheck={false}
          autoFocus={autoFocus}
        />
      )}
    </Field>
  );
}
