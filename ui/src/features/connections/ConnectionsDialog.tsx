import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Dialog } from "@/components/ui/Dialog";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import type { ConnectionSummary, SavedConnection } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { connectionsQuery, settingsQuery } from "@/ipc/queries";
import { worksOffline } from "@/lib/models";
import { ConnectionForm } from "./ConnectionForm";
import { ConnectionPanel } from "./ConnectionPanel";
import { LocalModels } from "./LocalModels";
import { PracticePanel } from "./PracticePanel";
import { ProviderList, type Shown } from "./ProviderList";
import { LISTING, lacksKey, PROVIDERS } from "./providers";

export function ConnectionsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      size="full"
      title="API Keys"
      description="Providers, and models on this computer. A key leaves this computer only in requests to the endpoint it belongs to."
      bare
    >
      <Connections />
    </Dialog>
  );
}

type Tested = { connection: ConnectionSummary; model: string | null; bySave: boolean };

function Connections() {
  const connections = useQuery(connectionsQuery());
  const client = useQueryClient();
  const offline = useQuery(settingsQuery()).data?.offline === true;
  const isOffline = (connection: ConnectionSummary) => offline && !worksOffline(connection);
  const [chosen, setChosen] = useState<Shown | null>(null);
  // What was odd about a connection's key, until it is read.
  const [odd, setOdd] = useState<Record<string, readonly string[]>>({});
  // What was pressed goes with its form or panel; the focus goes on in the list then.
  const rows = useRef<HTMLElement>(null);
  const [returns, setReturns] = useState(0);
  useEffect(() => {
    if (returns > 0) rows.current?.querySelector<HTMLElement>("[aria-current]")?.focus();
  }, [returns]);
  const leaveFor = (next: Shown | null) => {
    setChosen(next);
    setReturns((count) => count + 1);
  };
  const [announcement, setAnnouncement] = useState("");
  // Now: until the list is read again, a new connection would be taken for one that was removed.
  const put = (connection: ConnectionSummary) =>
    client.setQueryData(connectionsQuery().queryKey, (before = []) =>
      before.some(({ id }) => id === connection.id)
        ? before.map((other) => (other.id === connection.id ? connection : other))
        : [...before, connection],
    );
  // Once a key works, which models it may use. If that is not told, Refresh asks again and says why.
  const list = useMutation({ mutationFn: (id: string) => ipc.refreshModels(id), onSuccess: put });
  const test = useMutation({
    mutationFn: ({ connection, model }: Tested) => ipc.testConnection(connection.id, model),
    onMutate: ({ connection }) => setAnnouncement(`Testing ${connection.name}`),
    onSuccess: (record, { connection }) => {
      setAnnouncement(record.message);
      if (record.ok && connection.models_listed_at === null && LISTING.includes(connection.provider)) {
        list.mutate(connection.id);
      }
    },
    onError: (error) => setAnnouncement(`The test could not be made: ${messageOf(error)}`),
  });
  const all = connections.data ?? [];
  const first =
    PROVIDERS.flatMap((provider) => all.filter((connection) => connection.provider === provider))[0] ??
    all.find(({ provider }) => provider === "practice");
  const shown: Shown | undefined = chosen ?? (first && { kind: "connection", id: first.id });
  const selected = shown?.kind === "connection" ? all.find(({ id }) => id === shown.id) : undefined;

  // A connection that was removed elsewhere leaves nothing to show: go back to the first.
  useEffect(() => {
    if (chosen?.kind === "connection" && connections.data !== undefined && selected === undefined) setChosen(null);
  }, [chosen, selected, connections.data]);

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

  const saved = ({ connection, warnings }: SavedConnection) => {
    put(connection);
    setOdd((before) => ({ ...before, [connection.id]: warnings }));
    setChosen({ kind: "connection", id: connection.id });
    // A model of this computer may have been tested before it was added.
    const isAsked = connection.last_test === null && !lacksKey(connection) && !isOffline(connection);
    if (isAsked) test.mutate({ connection, model: null, bySave: true });
  };
  const added = (done: SavedConnection) => {
    saved(done);
    setReturns((count) => count + 1);
  };
  const isTested = (connection: ConnectionSummary) => test.variables?.connection.id === connection.id;
  return (
    <div className="flex min-h-0 flex-1">
      <div role="status" className="sr-only">
        {announcement}
      </div>
      <ProviderList
        ref={rows}
        connections={all}
        shown={shown}
        isOffline={isOffline}
        testingId={test.isPending ? test.variables.connection.id : undefined}
        onShow={setChosen}
      />
      {/* What is shown next begins at its top. */}
      <div key={shown && placeOf(shown)} className="scroll-area min-w-0 flex-1 px-6 py-5">
        {shown?.kind === "new" ? (
          <ConnectionForm
            provider={shown.provider}
            endpoint={shown.endpoint}
            onCancel={() => leaveFor(null)}
            onAdded={added}
          />
        ) : shown?.kind === "local" ? (
          <LocalModels
            onAdded={added}
            onShowConnection={(name) => {
              const known = all.find((connection) => connection.name === name);
              if (known !== undefined) leaveFor({ kind: "connection", id: known.id });
            }}
            onEnterKey={(endpoint) => setChosen({ kind: "new", provider: "custom", endpoint })}
          />
        ) : selected === undefined ? null : selected.provider === "practice" ? (
          <PracticePanel
            empty={all.length === 1}
            onAdd={() => setChosen({ kind: "new", provider: "custom" })}
            onFind={() => leaveFor({ kind: "local" })}
          />
        ) : (
          <ConnectionPanel
            connection={selected}
            warnings={odd[selected.id] ?? []}
            onWarningsRead={() => setOdd((before) => ({ ...before, [selected.id]: [] }))}
            offline={isOffline(selected)}
            testing={test.isPending && isTested(selected)}
            testError={test.isError && isTested(selected) ? test.error : null}
            testedBySave={!test.isPending && isTested(selected) && test.variables?.bySave === true}
            onTest={(model) => test.mutate({ connection: selected, model, bySave: false })}
            onSaved={saved}
            onRemoved={() => leaveFor(null)}
          />
        )}
      </div>
    </div>
  );
}

function placeOf(shown: Shown): string {
  return shown.kind === "connection" ? shown.id : shown.kind === "new" ? shown.provider : shown.kind;
}

function ConnectionsSkeleton() {
  return (
    <Delayed>
      <div role="status" aria-label="Reading the connections" className="flex min-h-0 flex-1">
        <div className="flex w-72 flex-col gap-3 border-r bg-surface p-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      </div>
    </Delayed>
  );
}
