import { Combobox } from "@base-ui/react/combobox";
import { useQuery } from "@tanstack/react-query";
import { Check, ChevronDown, CloudOff, Plus, Search, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { runCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { itemClass, popupClass } from "@/components/ui/popup";
import type { ConnectionSummary, DraftContent, ModelInfo } from "@/ipc/bindings";
import { connectionsQuery, settingsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatDay } from "@/lib/format";
import { modelTitle, PROVIDER_NAMES, priceWords, retirementOf, worksOffline } from "@/lib/models";

type Choice = Pick<DraftContent, "connection_id" | "model">;
type Asked = Choice & Pick<DraftContent, "provider">;
/** `choice` is none for a model that is kept from elsewhere. */
type Option = {
  value: string;
  label: string;
  hint: string;
  warning: string | null;
  /** It may be chosen, and cannot be asked for as long as Offline is on. */
  isOff: boolean;
  choice: Choice | null;
};
type Group = { value: string; items: Option[] };

const keyOf = ({ connection_id, model }: Choice) => JSON.stringify([connection_id, model]);

/** The base model: one of those that the connections offer, found by a part of its name. */
export function ModelSelect({ value, onChange }: { value: Asked; onChange: (choice: Choice) => void }) {
  const connections = useQuery(connectionsQuery()).data;
  const isOffline = useQuery(settingsQuery()).data?.offline === true;
  const [isOpen, setOpen] = useState(false);
  const now = new Date();
  const offered = (connections ?? []).map(
    (connection): Group => ({
      value: groupName(connection),
      // Whoever looks for a model does not look for one that is gone.
      items: connection.models
        .map((model) => optionOf(connection, model, now, isOffline && !worksOffline(connection)))
        .sort((a, b) => Number(a.isRetired) - Number(b.isRetired)),
    }),
  );
  const options = offered.flatMap((group) => group.items);
  const isOffered = options.some((option) => option.value === keyOf(value));
  // A prompt that came from elsewhere keeps its model, though nobody here can be asked for it.
  const kept: Option | null =
    isOffered || value.model === ""
      ? null
      : {
          value: keyOf(value),
          label: connections === undefined ? value.model : keptLabel(value, connections),
          hint: "Kept as it is until you choose another",
          warning: null,
          isOff: false,
          choice: null,
        };
  const current = kept ?? options.find((option) => option.value === keyOf(value)) ?? null;
  const groups = kept === null ? offered : [{ value: "Chosen elsewhere", items: [kept] }, ...offered];
  return (
    <Combobox.Root
      open={isOpen}
      onOpenChange={setOpen}
      items={groups.filter(({ items }) => items.length > 0)}
      value={current}
      onValueChange={(option: Option | null) => {
        if (option?.choice != null) onChange(option.choice);
      }}
      isItemEqualToValue={(a: Option, b: Option) => a.value === b.value}
      autoHighlight
    >
      <Combobox.Trigger
        aria-label="Base model"
        className="inline-flex h-8 max-w-[26rem] min-w-0 items-center justify-between gap-2 rounded-sm border border-border-field bg-background px-2.5 text-left text-sm hover:bg-surface-hover data-popup-open:bg-surface-hover"
      >
        <span className="flex min-w-0 items-center gap-1">
          {current === null ? (
            <span className="truncate text-subtler">Choose a model</span>
          ) : (
            <>
              <span className="text-subtler">Model</span>
              <span className="truncate">{current.label}</span>
            </>
          )}
          {current?.isOff === true && <Off />}
        </span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-subtler" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} align="end" collisionPadding={8} className="z-50 outline-none">
          <Combobox.Popup
            aria-label="Base models"
            className={classes(popupClass, "flex w-[28rem] max-w-(--available-width) flex-col overflow-hidden")}
          >
            <div className="flex items-center gap-2 border-b px-3">
              <Search aria-hidden className="size-4 shrink-0 text-subtler" />
              <Combobox.Input
                aria-label="Search models"
                placeholder="Search models"
                className="h-9 min-w-0 flex-1 bg-transparent text-sm outline-none select-text"
              />
            </div>
            <Combobox.Empty>
              <div className="px-3 py-3 text-sm text-subtler">No model has this name.</div>
            </Combobox.Empty>
            <Combobox.List
              aria-label="Base models"
              className="scroll-area max-h-[min(26rem,calc(var(--available-height)-5.75rem))] scroll-py-1 px-1 pb-1 outline-none data-empty:p-0"
            >
              {(group: Group) => (
                <Combobox.Group key={group.value} items={group.items}>
                  <Combobox.GroupLabel className="truncate px-2 pt-2.5 pb-1 text-xs font-semibold text-subtler">
                    {group.value}
                  </Combobox.GroupLabel>
                  <Combobox.Collection>
                    {(option: Option) => (
                      <Combobox.Item key={option.value} value={option} className={itemClass}>
                        <span className="min-w-0 flex-1">
                          <span
                            className={classes("block truncate", option.isOff && "text-subtler")}
                            title={option.label}
                          >
                            {option.label}
                          </span>
                          <span className="flex flex-wrap items-center gap-x-2 text-xs text-subtler">
                            {option.isOff && <Off />}
                            {option.warning !== null && (
                              <span className="flex items-center gap-1 text-warning-content">
                                <TriangleAlert aria-hidden className="size-3" />
                                {option.warning}
                              </span>
                            )}
                            <span>{option.hint}</span>
                          </span>
                        </span>
                        <Combobox.ItemIndicator>
                          <Check aria-hidden className="size-4 text-primary-content" />
                        </Combobox.ItemIndicator>
                      </Combobox.Item>
                    )}
                  </Combobox.Collection>
                </Combobox.Group>
              )}
            </Combobox.List>
            <div className="border-t p-1">
              <Button
                icon={Plus}
                look="string"
                className="w-full justify-start px-2"
                onClick={() => {
                  setOpen(false);
                  runCommand("go.keys");
                }}
              >
                Add a model…
              </Button>
            </div>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

function Off() {
  return (
    <span
      className="flex shrink-0 items-center gap-1 text-xs text-subtler"
      title="Offline is on, and this model is not on this computer. Change it in Settings."
    >
      <CloudOff aria-hidden className="size-3" />
      Offline
    </span>
  );
}

function optionOf(
  connection: ConnectionSummary,
  model: ModelInfo,
  now: Date,
  isOff: boolean,
): Option & { isRetired: boolean } {
  const retirement = retirementOf(model, now);
  const choice = { connection_id: connection.id, model: model.id };
  const words = { retired: "Retired", soon: "Retires", later: null }[retirement?.kind ?? "later"];
  return {
    value: keyOf(choice),
    label: modelTitle({ provider: connection.provider, model: model.id }),
    hint: connection.provider === "practice" ? "Built in. No key, no network" : priceWords(model, connection),
    warning: retirement === null || words === null ? null : `${words} ${formatDay(retirement.day)}`,
    isRetired: retirement?.kind === "retired",
    isOff,
    choice,
  };
}

function groupName({ provider, name, endpoint }: ConnectionSummary): string {
  const vendor = PROVIDER_NAMES[provider];
  if (provider === "practice") return "Built in";
  if (provider === "custom") return `${vendor} · ${endpoint ?? name}`;
  return name === vendor ? vendor : `${vendor} · ${name}`;
}

function keptLabel({ connection_id, model, provider }: Asked, connections: readonly ConnectionSummary[]): string {
  const connection = connections.find(({ id }) => id === connection_id);
  return connection === undefined
    ? `${model} · ${PROVIDER_NAMES[provider]}, not set up here`
    : `${model} · not offered by ${connection.name}`;
}
