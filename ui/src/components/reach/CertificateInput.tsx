import type { Ref } from "react";
import { pemOf } from "./pem";
import { TextFileInput } from "./TextFileInput";

const FILE = {
  label: "Certificate file",
  accept: ".pem,.crt,.cer,.der",
  // A company's bundle has some certificates of two kilobytes each.
  bytesMax: 256_000,
  kind: "certificates of an authority",
  textOf: pemOf,
};

type CertificateInputProps = {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  inputRef?: Ref<HTMLTextAreaElement> | undefined;
};

/** Certificates in PEM. They are public, so they are shown. */
export function CertificateInput(props: CertificateInputProps) {
  return <TextFileInput {...props} optional placeholder="Paste the PEM here, or choose its file" file={FILE} />;
}
