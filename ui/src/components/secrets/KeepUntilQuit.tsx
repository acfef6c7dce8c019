import { Banner } from "@/components/ui/Banner";
import { Checkbox } from "@/components/ui/Checkbox";

/** What it is about; `values` are several at once, or those of headers. */
type Kept = "key" | "token" | "credentials" | "values";

const WORDS: Record<Kept, { never: string; keep: string }> = {
  key: {
    never: "A key is never written to a file. It can be kept in memory and is forgotten when the program ends.",
    keep: "Keep this key only until I quit",
  },
  token: {
    never: "A token is never written to a file. It can be kept in memory and is forgotten when the program ends.",
    keep: "Keep this token only until I quit",
  },
  credentials: {
    never:
      "Credentials are never written to a file. They can be kept in memory and are forgotten when the program ends.",
    keep: "Keep these credentials only until I quit",
  },
  values: {
    never: "Secrets are never written to a file. They can be kept in memory and are forgotten when the program ends.",
    keep: "Keep these values only until I quit",
  },
};

type KeepUntilQuitProps = {
  what: Kept;
  checked: boolean;
  onChange: (checked: boolean) => void;
  message: string | undefined;
};

/** Where no password store answers: a secret may stay in memory, but never in a file. */
export function KeepUntilQuit({ what, checked, onChange, message }: KeepUntilQuitProps) {
  const { never, keep } = WORDS[what];
  return (
    <Banner kind="warning" role="alert" title="This computer has no password store">
      {message !== undefined && <p className="mb-1">{message}</p>}
      <p className="mb-2">{never}</p>
      <Checkbox checked={checked} onChange={onChange}>
        {keep}
      </Checkbox>
    </Banner>
  );
}
