import { Banner } from "@/components/ui/Banner";
import { Checkbox } from "@/components/ui/Checkbox";

type KeepUntilQuitProps = { checked: boolean; onChange: (checked: boolean) => void; message: string | undefined };

/** Where no password store answers: the key may stay in memory, but never in a file. */
export function KeepUntilQuit({ checked, onChange, message }: KeepUntilQuitProps) {
  return (
    <Banner kind="warning" role="alert" title="This computer has no password store">
      {message !== undefined && <p className="mb-1">{message}</p>}
      <p className="mb-2">
        A key is never written to a file. It can be kept in memory and is forgotten when the program ends.
      </p>
      <Checkbox checked={checked} onChange={onChange}>
        Keep this key only until I quit
      </Checkbox>
    </Banner>
  );
}
