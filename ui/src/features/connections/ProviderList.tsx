import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  CloudOff,
  FlaskConical,
  type LucideIcon,
  Plus,
  Server,
  TextSearch,
} from "lucide-react";
import type { KeyboardEvent, ReactNode, Ref } from "react";
import { showMe } from "@/components/ui/showMe";
import type { ConnectionSummary } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { PRACTICE_MODEL, PROVIDER_NAMES } from "@/lib/models";
import { FORMS, lacksKey, PROVIDERS, type Vendor } from "./providers";

/** What the right side is about. */
export type Shown =
  | { kind: "new"; provider: Vendor; endpoint?: string }
  | { kind: "local" }
  | { kind: "connection"; id: string };

type ProviderListProps = {
  connections: readonly ConnectionSummary[];
  shown: Shown | undefined;
  /** Whether the switch of that name keeps a connection from being asked. */
  isOffline: (connection: ConnectionSummary) => boolean;
  testingId: string | undefined;
  onShow: (next: Shown) => void;
  ref: Ref<HTMLElement>;
};

/** The providers, and under each what is connected. One stop for Tab; arrow keys go from row to row. */
export function ProviderList({ connections, shown, isOffline, testingId, onShow, ref }: ProviderListProps) {
  const practice = connections.find(({ provider }) => provider === "practice");
  const isShown = ({ id }: ConnectionSummary) => shown?.kind === "connection" && shown.id === id;
  const state = (connection: ConnectionSummary) => (
    <StateMark connection={connection} offline={isOffline(connection)} testing={testingId === connection.id} />
  );
  return (
    <nav
      ref={ref}
      aria-label="Connections"
      onKeyDown={moveBetweenRows}
      className="scroll-area flex w-72 shrink-0 flex-col gap-0.5 border-r bg-surface p-2 max-[820px]:w-52"
    >
      {PROVIDERS.map((provider) => {
        const { many } = FORMS[provider];
        const own = connections.filter((connection) => connection.provider === provider);
        const [only] = own;
        const isNew = shown?.kind === "new" && shown.provider === provider;
        const tile = <Tile provider={provider} />;
        if (!many && only !== undefined) {
          return (
            <Row
              key={provider}
              selected={isShown(only)}
              mark={state(only)}
              onClick={() => onShow({ kind: "connection", id: only.id })}
            >
              {tile}
              <Words name={PROVIDER_NAMES[provider]} />
            </Row>
          );
        }
        return (
          <div key={provider} className="flex flex-col gap-0.5">
            <Row
              selected={isNew}
              mark={<Plus aria-hidden className="mt-1 size-4 text-subtler" />}
              onClick={() => onShow({ kind: "new", provider })}
            >
              {tile}
              <Words does="Add" name={PROVIDER_NAMES[provider]} />
            </Row>
            {own.map((connection) => (
              <Row
                key={connection.id}
                selected={isShown(connection)}
                mark={state(connection)}
                onClick={() => onShow({ kind: "connection", id: connection.id })}
                className="pl-10.5"
              >
                <Words name={connection.name} hint={connection.endpoint ?? ""} />
              </Row>
            ))}
          </div>
        );
      })}
      <Row selected={shown?.kind === "local"} onClick={() => onShow({ kind: "local" })} className="mt-2">
        <Tile provider="local" />
        <Words name="Find local models" hint="On this computer, when you ask" />
      </Row>
      {practice !== undefined && (
        <Row selected={isShown(practice)} onClick={() => onShow({ kind: "connection", id: practice.id })}>
          <Tile provider="practice" />
          <Words name={PRACTICE_MODEL} hint="Needs no key and no network" />
        </Row>
      )}
    </nav>
  );
}

function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const at = rows.indexOf(event.target as HTMLElement);
  const targets: Record<string, HTMLElement | undefined> = {
    ArrowDown: rows[at + 1],
    ArrowUp: rows[at - 1],
    Home: rows[0],
    End: rows.at(-1),
  };
  const next = targets[event.key];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

type RowProps = {
  selected: boolean;
  mark?: ReactNode;
  className?: string;
  onClick: () => void;
  children: ReactNode;
};

function Row({ selected, mark, className, onClick, children }: RowProps) {
  return (
    <button
      // In a low window what is shown may be far down the list.
      ref={selected ? showMe : undefined}
      type="button"
      aria-current={selected || undefined}
      tabIndex={selected ? 0 : -1}
      onClick={onClick}
      className={classes(
        "flex w-full items-start gap-2.5 rounded-sm px-2 py-1.5 text-left outline-offset-[-2px]",
        selected ? "bg-primary-tint" : "hover:bg-surface-hover",
        className,
      )}
    >
      {children}
      {mark}
    </button>
  );
}

/** `does` is for those who do not see the plus. */
function Words({ does, name, hint }: { does?: string; name: string; hint?: string }) {
  return (
    <span className="min-w-0 flex-1 pt-0.5">
      <span className="line-clamp-2 text-sm font-medium break-words" title={name}>
        {does !== undefined && <span className="sr-only">{does} </span>}
        {name}
      </span>
      {hint !== undefined && (
        <span className="block truncate text-xs text-subtler" title={hint}>
          {hint}
        </span>
      )}
    </span>
  );
}

const tiles: Record<Vendor | "local" | "practice", string | LucideIcon> = {
  open_ai: "O",
  gemini: "G",
  vertex_ai: "V",
  anthropic: "A",
  azure_open_ai: "Az",
  foundry: "AF",
  custom: Server,
  local: TextSearch,
  practice: FlaskConical,
};

/** A letter for a provider: its logo belongs to the vendor. */
function Tile({ provider }: { provider: Vendor | "local" | "practice" }) {
  const Mark = tiles[provider];
  return (
    <span
      aria-hidden
      className="flex size-6 shrink-0 items-center justify-center rounded-sm border bg-background text-2xs font-semibold text-subtle"
    >
      {typeof Mark === "string" ? Mark : <Mark className="size-3.5" />}
    </span>
  );
}

type StateMarkProps = { connection: ConnectionSummary; offline: boolean; testing: boolean };

function StateMark({ connection, offline, testing }: StateMarkProps) {
  const { last_test: test } = connection;
  const [Icon, word, colour] = testing
    ? [CircleDashed, "Testing", "text-subtler animate-spin"]
    : lacksKey(connection)
      ? [CircleAlert, "Has no key", "text-warning-content"]
      : offline
        ? [CloudOff, "Offline", "text-subtler"]
        : test === null
          ? [CircleDashed, "Not tested", "text-subtler"]
          : test.ok
            ? [CircleCheck, "Works", "text-positive-content"]
            : [CircleX, "Does not work", "text-negative-content"];
  return (
    <span title={word} className="mt-1 shrink-0">
      <Icon aria-hidden className={classes("size-4", colour)} />
      <span className="sr-only">{word}</span>
    </span>
  );
}
