import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import { Popover } from "@/components/ui/Popover";
import type { DraftContent } from "@/ipc/bindings";
import { formatNumber } from "@/lib/format";

type Params = DraftContent["invocation_params"];

const parameters = [
  {
    name: "temperature",
    label: "Temperature",
    hint: "0 is the most predictable, 2 the least.",
    min: 0,
    max: 2,
    whole: false,
  },
  { name: "top_p", label: "Top P", hint: "Share of likely words considered, 0 to 1.", min: 0, max: 1, whole: false },
  { name: "max_tokens", label: "Max tokens", hint: "Longest answer.", min: 1, max: 1_000_000, whole: true },
  {
    name: "seed",
    label: "Seed",
    hint: "Same seed, same answer, where the server can.",
    min: 0,
    max: 2 ** 31 - 1,
    whole: true,
  },
] as const;

/** The sampling parameters. Only what is set here is sent; an empty field leaves it to the provider. */
export function Parameters({ value, onChange }: { value: Params; onChange: (params: Params) => void }) {
  const count = parameters.filter(({ name }) => value[name] !== undefined).length;
  return (
    <Popover
      title="Parameters"
      align="end"
      trigger={
        <Button icon={SlidersHorizontal} className="gap-0 @3xl:gap-1.5">
          <span className="sr-only @3xl:not-sr-only">{count === 0 ? "Parameters" : `Parameters (${count})`}</span>
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        {parameters.map((parameter) => (
          <Parameter
            key={parameter.name}
            {...parameter}
            value={value[parameter.name]}
            onChange={(number) => {
              const { [parameter.name]: _, ...others } = value;
              onChange(number === null ? others : { ...others, [parameter.name]: number });
            }}
          />
        ))}
      </div>
    </Popover>
  );
}

type ParameterProps = (typeof parameters)[number] & { value: unknown; onChange: (value: number | null) => void };

function Parameter({ label, hint, min, max, whole, value, onChange }: ParameterProps) {
  const [text, setText] = useState(typeof value === "number" ? String(value) : "");
  /** The number that was typed; `null` when it is none that can be sent. */
  const read = (text: string) => {
    const number = Number(text);
    const fits = text.trim() !== "" && number >= min && number <= max && (!whole || Number.isInteger(number));
    return fits ? number : null;
  };
  const fits = text.trim() === "" || read(text) !== null;
  const error = `${whole ? "A whole number" : "A number"} from ${min} to ${formatNumber(max)}`;
  return (
    <Field label={label} hint={hint} {...(fits ? {} : { error })}>
      <TextInput
        size="medium"
        inputMode="decimal"
        placeholder="Provider default"
        value={text}
        onChange={(next) => {
          setText(next);
          // What does not fit is not sent, and neither is what stood there while it was typed.
          onChange(read(next));
        }}
      />
    </Field>
  );
}
