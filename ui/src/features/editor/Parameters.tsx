import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { Field, TextArea, TextInput } from "@/components/ui/Field";
import { Popover } from "@/components/ui/Popover";
import { Select } from "@/components/ui/Select";
import type { DraftContent, ModelInfo } from "@/ipc/bindings";
import { formatNumber } from "@/lib/format";

type Params = Pick<DraftContent, "invocation_params" | "extra">;

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
    extra: true,
  },
] as const;

const EFFORT = "reasoning_effort";
const EFFORT_LABEL = "Reasoning effort";
const UNSET = "Provider default";

/** The API has no such parameter. */
const isExtra = (parameter: (typeof parameters)[number]) => "extra" in parameter;

type ParametersProps = {
  value: Params;
  onChange: (params: Params) => void;
  /** What is known of the model that they are for. */
  model: Pick<ModelInfo, "reasoning" | "refuses"> | undefined;
};

/** The sampling parameters. Only what is set here is sent; an empty field leaves it to the provider. */
export function Parameters({ value, onChange, model }: ParametersProps) {
  const partOf = (parameter: (typeof parameters)[number]) =>
    // Earlier versions kept it among the others.
    isExtra(parameter) && value.invocation_params[parameter.name] === undefined ? "extra" : "invocation_params";
  const { invocation_params: params, extra } = value;
  const levels = model?.reasoning ?? null;
  const effort = params[EFFORT] ?? extra[EFFORT];
  // One that was set for another model can be taken away.
  const hasEffort = (levels !== null && levels.length > 0) || params[EFFORT] !== undefined;
  // Whoever writes over the others does not mean what the fields keep beside them.
  const kept = hasEffort ? ["seed", EFFORT] : ["seed"];
  const [ofFields, others] = [true, false].map((isField) =>
    Object.fromEntries(Object.entries(extra).filter(([name]) => kept.includes(name) === isField)),
  );
  const fields = Object.fromEntries(parameters.map(({ name, label }) => [name as string, label as string]));
  const count = Object.keys(params).length + Object.keys(extra).length;
  const [isOpen, setOpen] = useState(false);
  useCommand("prompt.parameters", () => setOpen(true));
  return (
    <Popover
      title="Parameters"
      open={isOpen}
      onOpenChange={setOpen}
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
            hint={
              model?.refuses.includes(parameter.name)
                ? "What the model does not take of it is left out."
                : parameter.hint
            }
            value={value[partOf(parameter)][parameter.name]}
            onChange={(number) => {
              const part = partOf(parameter);
              const { [parameter.name]: _, ...others } = value[part];
              onChange({ ...value, [part]: number === null ? others : { ...others, [parameter.name]: number } });
            }}
          />
        ))}
        {hasEffort && (
          <Effort
            levels={levels}
            value={typeof effort === "string" ? effort : null}
            onChange={(level) => {
              const { [EFFORT]: _, ...rest } = params;
              const { [EFFORT]: __, ...extraRest } = extra;
              onChange({ invocation_params: level === null ? rest : { ...rest, [EFFORT]: level }, extra: extraRest });
            }}
          />
        )}
        <ExtraField
          fields={hasEffort ? { ...fields, [EFFORT]: EFFORT_LABEL } : fields}
          value={others ?? {}}
          onChange={(others) => onChange({ ...value, extra: { ...ofFields, ...others } })}
        />
      </div>
    </Popover>
  );
}

type EffortProps = { levels: readonly string[] | null; value: string | null; onChange: (level: string | null) => void };

/** How long the model thinks before it answers. */
function Effort({ levels, value, onChange }: EffortProps) {
  const isForeign = value !== null && levels?.includes(value) !== true;
  const shown = isForeign ? [...(levels ?? []), value] : (levels ?? []);
  return (
    <Field
      label={EFFORT_LABEL}
      hint={
        isForeign && levels !== null
          ? `The model does not take ${value}; it is left out.`
          : "More is thought through, takes longer and costs more: thoughts are paid as output."
      }
    >
      <Select
        value={value ?? UNSET}
        onChange={(level) => onChange(level === UNSET ? null : level)}
        options={[UNSET, ...shown].map((level) => ({ value: level, label: level }))}
      />
    </Field>
  );
}

type ExtraFieldProps = {
  /** The labels of the fields above, by the parameters that they are for. */
  fields: Readonly<Record<string, string>>;
  value: Params["extra"];
  onChange: (value: Params["extra"]) => void;
};

/** Everything else that goes into the request's body, as the JSON that it is. */
function ExtraField({ fields, value, onChange }: ExtraFieldProps) {
  const shown = Object.keys(value).length === 0 ? "" : JSON.stringify(value, null, 2);
  const [text, setText] = useState(shown);
  const [told, setTold] = useState(shown);
  if (shown !== told) {
    setTold(shown);
    if (JSON.stringify(objectOf(text)) !== JSON.stringify(value)) setText(shown);
  }
  const object = objectOf(text);
  const fieldOf = (object: Params["extra"] | null) =>
    Object.keys(object ?? {}).flatMap((name) => fields[name] ?? [])[0];
  const field = fieldOf(object);
  const error =
    field === undefined ? 'A JSON object, such as {"top_k": 40}' : `${field} has a field of its own, above.`;
  const fits = object !== null && field === undefined;
  return (
    <Field
      label="Other, as JSON"
      hint="Such as stop or top_k, which each provider is told in its own words."
      {...(fits ? {} : { error })}
    >
      <TextArea
        spellCheck={false}
        value={text}
        onChange={(typed) => {
          setText(typed);
          const next = objectOf(typed);
          if (next !== null && fieldOf(next) === undefined) onChange(next);
        }}
        className="font-mono text-xs"
      />
    </Field>
  );
}

function objectOf(text: string): Params["extra"] | null {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Params["extra"]) : null;
  } catch {
    return null;
  }
}

type ParameterProps = Omit<(typeof parameters)[number], "hint"> & {
  hint: string;
  value: unknown;
  onChange: (value: number | null) => void;
};

function Parameter({ label, hint, min, max, whole, value, onChange }: ParameterProps) {
  // What is no number at all came from elsewhere, and is shown as it is.
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value));
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
