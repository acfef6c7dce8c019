import { useState } from "react";
import { Field, TextArea } from "@/components/ui/Field";
import { ChooseText } from "./ChooseText";

/** A company's bundle has some certificates of two kilobytes each. */
const BYTES_MAX = 256_000;

type CertificateInputProps = {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
};

/** Certificates in PEM, pasted or chosen. They are public, so they are shown. */
export function CertificateInput({ label, hint, value, onChange, error }: CertificateInputProps) {
  const [problem, setProblem] = useState<string>();
  return (
    <Field label={label} optional hint={hint} error={problem ?? error}>
      <div className="relative">
        <TextArea
          value={value}
          onChange={onChange}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          placeholder="Paste the PEM here, or choose its file"
          className="block resize-none pb-11 font-mono text-xs"
        />
        <ChooseText
          label="Certificate file"
          accept=".pem,.crt,.cer"
          bytesMax={BYTES_MAX}
          kind="certificates of an authority"
          onText={onChange}
          onProblem={setProblem}
        />
      </div>
    </Field>
  );
}
