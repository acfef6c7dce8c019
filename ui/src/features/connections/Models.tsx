import { useMutation } from "@tanstack/react-query";
import { Eye, Plus, RefreshCw, X } from "lucide-react";
import { useRef, useState } from "react";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { ConnectionSummary, ModelInfo, ModelPrice } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { classes } from "@/lib/classes";
import { formatDay, formatPrice, formatTokens } from "@/lib/format";
import {
  ASSUMED_FREE,
  freeWords,
  isHere,
  PROVIDER_NAMES,
  paramWords,
  retirementOf,
  speedWords,
  structureWords,
} from "@/lib/models";
import { PriceEditor } from "./PriceEditor";
import { LISTING } from "./providers";

const head = "border-b px-3 @max-2xl:px-2 py-1.5 text-left text-xs font-semibold whitespace-nowrap text-subtler";
const cell = "border-t px-3 @max-2xl:px-2 py-1.5 align-top";
/** A column of its own where there is room for it; elsewhere it stands below the id, as `narrow`. */
const roomy = "@max-2xl:hidden";
const narrow = "@2xl:hidden block font-sans text-xs text-subtler";
const amount = "text-right tabular-nums whitespace-nowrap";

type ModelsProps = {
  connection: ConnectionSummary;
  /** Why nothing can be asked now. */
  unasked: string | undefined;
};

/** The models that a connection offers, with what is known of each. */
export function Models({ connection, unasked }: ModelsProps) {
  const refresh = useMutation({ mutationFn: () => ipc.refreshModels(connection.id) });
  // Azure and servers of one's own have one model for each connection.
  const isList = ["open_ai", "gemini", "vertex_ai", "anthropic"].includes(connection.provider);
  const canList = LISTING.includes(connection.provider);
  const vendor = PROVIDER_NAMES[connection.provider];
  return (
    <section aria-labelledby="models-title" className="@container flex flex-col gap-2">
      <div className="flex items-end gap-3">
        <div className="min-w-0 flex-1">
          <h3 id="models-title" className="text-sm font-semibold">
            {isList ? "Models" : "Model"}
          </h3>
          {isList && (
            <p className="text-xs text-subtler">
              {!canList ? (
                `Those this program knows of ${vendor}, which has no list of what your credentials may use.`
              ) : connection.models_listed_at === null ? (
                `Those this program knows of ${vendor}. Refresh asks which your key may use.`
              ) : (
                <>
                  Listed by {vendor} <RelativeTime iso={connection.models_listed_at} />.
                </>
              )}
            </p>
          )}
        </div>
        {canList && (
          <Button
            size="small"
            icon={RefreshCw}
            waiting={refresh.isPending}
            disabledReason={unasked}
            onClick={() => refresh.mutate()}
          >
            {refresh.isPending ? "Asking…" : "Refresh"}
          </Button>
        )}
      </div>
      {refresh.isError && (
        <Banner kind="negative" role="alert" title={`${vendor} did not say which models your key may use`} inSight>
          {messageOf(refresh.error)}
        </Banner>
      )}
      {connection.models.length > 0 && (
        <MoreBeside>
          <ScrollRegion
            label={isList ? "List of models" : "What is known of the model"}
            className="overscroll-auto rounded-md border"
          >
            <table aria-labelledby="models-title" className="w-full border-separate border-spacing-0 text-sm">
              <thead>
                <tr className="bg-surface">
                  <th scope="col" className={head}>
                    Id
                  </th>
                  <th scope="col" className={`${head} ${roomy} text-right`}>
                    Context
                    <span className="block font-normal">output</span>
                  </th>
                  <th scope="col" className={`${head} text-right`} title="Dollars for a million tokens">
                    In / 1M
                  </th>
                  <th scope="col" className={`${head} text-right`} title="Dollars for a million tokens">
                    Out / 1M
                  </th>
                  <th scope="col" className={`${head} w-8 px-0`}>
                    <span className="sr-only">Change the price</span>
                  </th>
                  <th scope="col" className={`${head} ${roomy}`}>
                    Images
                  </th>
                  <th scope="col" className={head}>
                    Retires
                  </th>
                  {isList && (
                    <th scope="col" className={`${head} w-8`}>
                      <span className="sr-only">Remove</span>
                    </th>
                  )}
                </tr>
              </thead>
              <tbody className="[&>tr:first-child>td]:border-t-0">
                {connection.models.map((model) => (
                  <ModelRow key={model.id} connection={connection} model={model} removable={isList} />
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </MoreBeside>
      )}
      {isList && <AddModel connectionId={connection.id} />}
    </section>
  );
}

type ModelRowProps = { connection: ConnectionSummary; model: ModelInfo; removable: boolean };

function ModelRow({ connection, model, removable }: ModelRowProps) {
  const remove = useMutation({
    mutationFn: () => ipc.removeModel(connection.id, model.id),
    onError: (error) =>
      toast({ kind: "failed", title: `“${model.id}” was not removed`, description: messageOf(error) }),
  });
  const { price } = model;
  return (
    <tr>
      <td className={`${cell} max-w-64 min-w-36 font-mono wrap-anywhere select-text`}>
        {model.id}
        <span className={narrow}>{sizeWords(model)}</span>
        {model.structure !== null && (
          <span className="block font-sans text-xs text-subtler">{structureWords[model.structure]}</span>
        )}
        {model.speed !== null && (
          <span className="block font-sans text-xs text-subtler">{speedWords(model.speed)}</span>
        )}
        {paramWords(model).map((words) => (
          <span key={words} className="block font-sans text-xs text-subtler">
            {words}
          </span>
        ))}
      </td>
      <td className={`${cell} ${roomy} ${amount}`}>
        {model.context_tokens === null ? <Unknown /> : formatTokens(model.context_tokens)}
        {model.output_tokens_max !== null && (
          <span className="block text-xs text-subtler">{formatTokens(model.output_tokens_max)} out</span>
        )}
      </td>
      {isHere(connection) && !price?.is_own ? (
        <td
          colSpan={2}
          className={`${cell} text-right text-subtler`}
          title={model.is_assumed_free ? ASSUMED_FREE : undefined}
        >
          {freeWords(model)}
        </td>
      ) : price === null ? (
        <td colSpan={2} className={`${cell} text-right text-subtler`}>
          price unknown
        </td>
      ) : (
        [price.input_micros, price.output_micros].map((micros, at) => (
          <td key={at} className={`${cell} ${amount}`} title={price.has_tiers ? "Long inputs cost more" : undefined}>
            {micros === null ? <Unknown /> : `${price.has_tiers ? "from " : ""}${formatPrice(micros)}`}
            {price.is_own && at === 1 && <span className="block text-xs text-subtler">your price</span>}
            {otherPrices(price, at === 0).map((words) => (
              <span key={words} className="block text-xs text-subtler">
                {words}
              </span>
            ))}
          </td>
        ))
      )}
      <td className={classes(cell, "px-0")}>
        <PriceEditor connectionId={connection.id} model={model} />
      </td>
      <td className={`${cell} ${roomy}`}>
        {model.has_vision === null ? (
          <Unknown />
        ) : model.has_vision ? (
          <span title="Sees images">
            <Eye aria-hidden className="mt-0.5 size-4 text-subtle" />
            <span className="sr-only">Sees images</span>
          </span>
        ) : (
          <span className="text-subtler">no</span>
        )}
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <Retires model={model} />
      </td>
      {removable && (
        <td className={classes(cell, "px-1 @max-2xl:px-0")}>
          {model.is_added && (
            <IconButton
              icon={X}
              size="small"
              label={`Remove ${model.id}`}
              waiting={remove.isPending}
              onClick={() => remove.mutate()}
            />
          )}
        </td>
      )}
    </tr>
  );
}

/** What has columns of its own where there is room: "Context 400k, output 128k; sees images.". */
function sizeWords({ context_tokens: context, output_tokens_max: output, has_vision }: ModelInfo): string {
  const tokens = (count: number | null) => (count === null ? "not known" : formatTokens(count));
  const images = has_vision === null ? "images not known" : has_vision ? "sees images" : "no images";
  return `Context ${tokens(context)}, output ${tokens(output)}; ${images}.`;
}

/** What input from a cache and batches cost, where that is not what the rest costs. */
function otherPrices(price: ModelPrice, isInput: boolean): string[] {
  const { cached_micros: cached, batch_input_micros: input, batch_output_micros: output } = price;
  const batch = isInput ? input : output;
  const words = batch === null ? [] : [`batch ${formatPrice(batch)}`];
  return isInput && cached !== null ? [`cached ${formatPrice(cached)}`, ...words] : words;
}

function Unknown() {
  return (
    <span className="text-subtler" title="Not known">
      <span aria-hidden>–</span>
      <span className="sr-only">not known</span>
    </span>
  );
}

function Retires({ model }: { model: ModelInfo }) {
  const retirement = retirementOf(model, new Date());
  if (retirement === null) return null;
  const day = formatDay(retirement.day);
  switch (retirement.kind) {
    case "retired":
      return <Badge tone="negative">Retired {day}</Badge>;
    case "soon":
      return <Badge tone="warning">{day}</Badge>;
    case "later":
      return <span className="text-subtle">{day}</span>;
  }
}

function AddModel({ connectionId }: { connectionId: string }) {
  const [id, setId] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = useMutation({
    mutationFn: () => ipc.addModel(connectionId, id),
    onSuccess: () => {
      setId("");
      field.current?.focus();
    },
  });
  return (
    <form
      className="pt-2"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Field
        label="Add a model by its id"
        hint="As the provider calls it: a model that is not in the list, or a fine-tuned one of yours."
        error={add.isError ? (fieldError(add.error, "model") ?? messageOf(add.error)) : undefined}
      >
        <div className="flex gap-2">
          <TextInput ref={field} size="medium" value={id} onChange={setId} maxLength={255} spellCheck={false} />
          <Button
            type="submit"
            icon={Plus}
            waiting={add.isPending}
            disabledReason={id.trim() === "" ? "Enter the model's id first." : undefined}
          >
            Add
          </Button>
        </div>
      </Field>
    </form>
  );
}
