import { useMutation } from "@tanstack/react-query";
import { PencilLine } from "lucide-react";
import { useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import { Popover } from "@/components/ui/Popover";
import type { ModelInfo, ModelPrice, NewPrice } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { amountOf } from "@/lib/amount";
import { formatPrice } from "@/lib/format";
import { useRefusals } from "./refusals";

const FIELDS = ["input", "output", "cached"] as const;
type PriceField = (typeof FIELDS)[number];
const LABELS: Record<PriceField, string> = { input: "Input", output: "Output", cached: "Input from a cache" };

/** Gives a model a price of one's own, which counts from the next run on. */
export function PriceEditor({ connectionId, model }: { connectionId: string; model: ModelInfo }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      title={`Price of ${model.id}`}
      align="end"
      open={open}
      onOpenChange={setOpen}
      className="w-96"
      trigger={
        <IconButton
          icon={PencilLine}
          size="small"
          label={model.price === null ? `Enter the price of ${model.id}` : `Change the price of ${model.id}`}
        />
      }
    >
      <PriceForm connectionId={connectionId} model={model} onDone={() => setOpen(false)} />
    </Popover>
  );
}

type PriceFormProps = { connectionId: string; model: ModelInfo; onDone: () => void };

function PriceForm({ connectionId, model, onDone }: PriceFormProps) {
  const [typed, setTyped] = useState(() => typedOf(model.price));
  const set = useMutation({
    mutationFn: (price: NewPrice | null) => ipc.setModelPrice(connectionId, model.id, price),
    onSuccess: onDone,
  });
  const { noteSent, refusalOf } = useRefusals(set.error, typed);
  const isTold = FIELDS.some((field) => fieldError(set.error, field) !== undefined);
  const listed = model.listed_price;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        noteSent();
        set.mutate(typed);
      }}
    >
      <p className="text-xs text-subtle">
        In dollars for a million tokens, half of it in a batch. It counts from the next run on; what was paid before
        stays as it is.
      </p>
      <div className="grid grid-cols-2 gap-3">
        {FIELDS.map((field) => (
          <Field
            key={field}
            label={LABELS[field]}
            optional={field === "cached"}
            hint={field === "cached" ? "What other input costs, if empty" : undefined}
            error={refusalOf(field)}
            className={field === "cached" ? "col-span-2" : ""}
          >
            <TextInput
              size="medium"
              inputMode="decimal"
              value={typed[field] ?? ""}
              onChange={(value) => setTyped({ ...typed, [field]: value })}
            />
          </Field>
        ))}
      </div>
      {set.isError && !isTold && (
        <Banner kind="negative" role="alert" title="The price was not kept">
          {messageOf(set.error)}
        </Banner>
      )}
      <div className="flex items-center gap-2">
        {model.price?.is_own && (
          <Button onClick={() => set.mutate(null)} title={resetWords(listed)}>
            {listed === null ? "Forget it" : "Use the catalogue’s"}
          </Button>
        )}
        <div className="flex-1" />
        <Button type="submit" variant="primary" look="filled" waiting={set.isPending}>
          Save price
        </Button>
      </div>
    </form>
  );
}

function resetWords(listed: ModelPrice | null): string {
  if (listed === null) return "Its price is unknown then";
  const part = (micros: number | null) => (micros === null ? "unknown" : formatPrice(micros));
  return `${part(listed.input_micros)} in, ${part(listed.output_micros)} out`;
}

/** Amounts as they are typed. */
function typedOf(price: ModelPrice | null): NewPrice {
  const text = (micros: number | null | undefined) => amountOf(micros ?? null);
  return { input: text(price?.input_micros), output: text(price?.output_micros), cached: text(price?.cached_micros) };
}
