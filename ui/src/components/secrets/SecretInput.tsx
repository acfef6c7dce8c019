import { Eye, EyeOff } from "lucide-react";
import { type Ref, useState } from "react";
import { IconButton } from "@/components/ui/Button";
import { TextInput } from "@/components/ui/Field";
import { pastedKey } from "./pastedKey";

type SecretInputProps = {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  autoFocus?: boolean;
  ref?: Ref<HTMLInputElement>;
};

/** A key being typed or pasted. What is stored is never shown again, so this can reveal only what is typed now. */
export function SecretInput({ value, onChange, placeholder, autoFocus, ref }: SecretInputProps) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <TextInput
        ref={ref}
        type={shown ? "text" : "password"}
        value={value}
        // A key never contains them; a paste from a document often does.
        onChange={(next) => onChange(next.replace(/[\s"'“”‘’]/g, ""))}
        onPaste={(event) => {
          const text = event.clipboardData.getData("text/plain");
          const key = pastedKey(text);
          // What is clean already is left to the browser, which can undo it.
          if (key === text) return;
          event.preventDefault();
          const input = event.currentTarget;
          input.setRangeText(key, input.selectionStart ?? 0, input.selectionEnd ?? input.value.length, "end");
          onChange(input.value);
        }}
        placeholder={placeholder}
        autoFocus={autoFocus}
        spellCheck={false}
        className="pr-10 font-mono"
      />
      <IconButton
        icon={shown ? EyeOff : Eye}
        size="small"
        label={shown ? "Hide what is typed" : "Show what is typed"}
        className="absolute top-2 right-2"
        onClick={() => setShown(!shown)}
      />
    </div>
  );
}
