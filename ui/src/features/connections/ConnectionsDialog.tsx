import { useMutation, useQuery } from "@tanstack/react-query";
import {
  CircleCheck,
  CircleDashed,
  CircleX,
  FlaskConical,
  KeyRound,
  type LucideIcon,
  Plus,
  Server,
} from "lucide-react";
import { useEffect, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import type { ConnectionSummary } from "@/ipc/bindings";
import { ipc } from "@/ipc/client";
import { connectionsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { PRACTICE_MODEL } from "@/lib/models";
import { ConnectionPanel } from "./ConnectionPanel";
import { NewConnectionForm } from "./NewConnectionForm";
import { PracticePanel } from "./PracticePanel";

/** What the right side shows. */
type Selection = { kind: "new" } | { kind: "connection"; id: string } | { kind: "first" };

export function ConnectionsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      size="large"
      title="Model Provider API Keys"
      description="A key leaves this computer only in requests to the endpoint it belongs to."
      bare
    >
      <Connections />
    </Dialog>
  );
}

function Connections() {
  const connections = useQuery(connectionsQuery());
  const [selection, setSelection] = useState<Selection>({ kind: "first" });
  const [announcement, setAnnouncement] = useState("");
  const test = useMutation({
    mutationFn: (connection: ConnectionSummary) => ipc.testConnection(connection.id, null),
    onMutate: (connection) => setAnnouncement(`Testing ${connection.name}`),
    onSuccess: (record) => setAnnouncement(record.message),
  });
  const all = connections.data ?? [];
  const custom = all.filter((connection) => connection.provider === "custom");
  const practice = all.find((connection) => connection.provider === "practice");
  const fallback = custom[0] ?? practice;
  const selected =
    selection.kind === "connection"
      ? all.find(({ id }) => id === selection.id)
      : selection.kind === "first"
        ? fallback
        : undefined;

  // A connection that was removed elsewhere leaves nothing to show: go back to the first.
  useEffect(() => {
    if (selection.kind === "connection" && connections.data !== undefined && selected === undefined) {
      setSelection({ kind: "first" });
    }
  }, [selection, selected, connections.data]);

  if (connections.isError) {
    return (
      <QueryProblem
        title="The connections could not be read"
        error={connections.error}
        onRetry={() => void connections.refetch()}
      />
    );
  }
  if (connections.isPending) return <ConnectionsSkeleton />;
  return (
    <div className="flex h-[min(560px,calc(100dvh-11rem))] min-h-0">
      <div role="status" className="sr-only">
        {announcement}
      </div>
      <nav aria-label="Connections" className="flex w-72 shrink-0 flex-col border-r bg-surface max-[820px]:w-52">
        <div className="scroll-area min-h-0 flex-1 p-2">
          <h3 className="px-2 pt-1 pb-1 text-xs font-semibold text-subtler">Custom LLM</h3>
          {custom.length === 0 && <p className="px-2 py-1 text-sm text-subtler">None yet.</p>}
          {custom.map((connection) => (
            <ConnectionButton
              key={connection.id}
              icon={Server}
              name={connection.name}
              hint={connection.endpoint ?? ""}
              connection={connection}
              testing={test.isPending && test.variables.id === connection.id}
              selected={selected?.id === connection.id}
              onClick={() => setSelection({ kind: "connection", id: connection.id })}
            />
          ))}
          {practice !== undefined && (
            <>
              <h3 className="px-2 pt-4 pb-1 text-xs font-semibold text-subtler">Built in</h3>
              <ConnectionButton
                icon={FlaskConical}
                name={PRACTICE_MODEL}
                hint="Needs no key and no network"
                selected={selected?.id === practice.id}
                onClick={() => setSelection({ kind: "connection", id: practice.id })}
              />
            </>
          )}
        </div>
        <div className="border-t p-2">
          <Button icon={Plus} className="w-full" onClick={() => setSelection({ kind: "new" })}>
            Add Custom LLM
          </Button>
        </div>
      </nav>
      <div className="scroll-area min-w-0 flex-1 px-6 py-5">
        {selection.kind === "new" ? (
          <NewConnectionForm
            onCancel={() => setSelection({ kind: "first" })}
            onAdded={(connection) => {
              setSelection({ kind: "connection", id: connection.id });
              test.mutate(connection);
            }}
          />
        ) : selected === undefined ? (
          <EmptyState icon={KeyRound} title="No keys yet">
            Cloud models need one; models on this computer usually do not.
          </EmptyState>
        ) : selected.provider === "practice" ? (
          <PracticePanel empty={custom.length === 0} onAdd={() => setSelection({ kind: "new" })} />
        ) : (
          <ConnectionPanel
            key={selected.id}
            connection={selected}
            testing={test.isPending && test.variables.id === selected.id}
            testError={test.isError && test.variables.id === selected.id ? test.error : null}
            onTest={() => test.mutate(selected)}
            onRemoved={() => setSelection({ kind: "first" })}
          />
        )}
      </div>
    </div>
  );
}

type ConnectionButtonProps = {
  icon: LucideIcon;
  name: string;
  hint: string;
  connection?: ConnectionSummary;
  testing?: boolean;
  selected: boolean;
  onClick: () => void;
};

function ConnectionButton({
  icon: Icon,
  name,
  hint,
  connection,
  testing = false,
  selected,
  onClick,
}: ConnectionButtonProps) {
  return (
    <button
      type="button"
      aria-current={selected || undefined}
      onClick={onClick}
      className={classes(
        "flex w-full items-start gap-2.5 rounded-sm px-2 py-2 text-left outline-offset-[-2px]",
        selected ? "bg-primary-tint" : "hover:bg-surface-hover",
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-subtler" />
      <span className="min-w-0 flex-1">
        <span className="line-clamp-2 text-sm font-medium break-words" title={name}>
          {name}
        </span>
        <span className="block truncate text-xs text-subtler" title={hint}>
          {hint}
        </span>
      </span>
      {connection !== undefined && <StateMark connection={connection} testing={testing} />}
    </button>
  );
}

function StateMark({ connection, testing }: { connection: ConnectionSummary; testing: boolean }) {
  const { last_test: test } = connection;
  const [Icon, word, colour] = testing
    ? [CircleDashed, "Testing", "text-subtler animate-spin"]
    : test === null
      ? [CircleDashed, "Not tested", "text-subtler"]
      : test.ok
        ? [CircleCheck, "Works", "text-positive-content"]
        : [CircleX, "Does not work", "text-negative-content"];
  return (
    <span title={word} className="mt-0.5 shrink-0">
      <Icon aria-hidden className={classes("size-4", colour)} />
      <span className="sr-only">{word}</span>
    </span>
  );
}

function ConnectionsSkeleton() {
  return (
    <Delayed>
      <div role="status" aria-label="Reading the connections" className="flex h-[min(560px,calc(100dvh-11rem))]">
        <div className="flex w-72 flex-col gap-3 border-r bg-surface p-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      </div>
    </Delayed>
  );
}
