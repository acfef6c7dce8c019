/** The Label Studio servers that were connected, and what waits to be given back to them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { PencilLine, Plus, RefreshCw, Server, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { LabelStudioServer } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { pushesQuery, serversQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";
import { PushList } from "./PushList";
import { ServerDialog } from "./ServerDialog";
import { ServerReportView } from "./ServerReportView";
import { goesOn, removalWords, serverWords, tokenWords } from "./words";

export function ServersSection() {
  const servers = useQuery(serversQuery());
  const [connecting, setConnecting] = useState(false);
  const connect = useRef<HTMLButtonElement>(null);
  return (
    <div className="flex w-full flex-col gap-3">
      <p className="text-sm text-subtle">
        Pull projects of a Label Studio server, run prompts on them, and give the predictions back to where annotators
        work.
      </p>
      <Loaded query={servers} what="the servers">
        {(servers) =>
          servers.length === 0 ? (
            <p className="text-sm text-subtler">No server is connected.</p>
          ) : (
            <ul aria-label="Label Studio servers" className="divide-y rounded-md border">
              {servers.map((server) => (
                <li key={server.id} className="flex flex-col gap-2 px-3 py-2.5">
                  <ServerItem server={server} onRemoved={() => connect.current?.focus()} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Button ref={connect} icon={Plus} className="self-start" onClick={() => setConnecting(true)}>
        Connect a server…
      </Button>
      <PushList />
      {connecting && <ServerDialog onClose={() => setConnecting(false)} />}
    </div>
  );
}

function ServerItem({ server, onRemoved }: { server: LabelStudioServer; onRemoved: () => void }) {
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  const pushes = useQuery(pushesQuery()).data ?? [];
  const waiting = pushes.filter((push) => push.server_name === server.name && goesOn(push)).length;
  const check = useMutation({ mutationFn: () => ipc.checkServer(server.id) });
  const remove = useMutation({
    mutationFn: () => ipc.removeServer(server.id),
    onSuccess: () => {
      toast({ title: `Removed “${server.name}”` });
      onRemoved();
    },
    onError: (error) => toast({ kind: "failed", title: "The server was not removed", description: messageOf(error) }),
  });
  const known = serverWords(server);
  return (
    <>
      <div className="flex items-start gap-2.5">
        <Server aria-hidden className="mt-0.5 size-4 shrink-0 text-subtler" />
        <div className="min-w-0 flex-1 text-sm">
          <div className="font-semibold break-words select-text" dir="auto">
            {server.name}
          </div>
          <div className="break-all text-subtle select-text">{server.address}</div>
          {known !== "" && <div className="break-words text-subtle select-text">{known}</div>}
          <div className="text-xs text-subtler">
            {tokenWords(server)} ·{" "}
            {server.linked === 0 ? "no linked projects" : formatCount(server.linked, "linked project")}
            {" · checked "}
            <RelativeTime iso={server.checked_at} />
          </div>
        </div>
        <IconButton
          icon={RefreshCw}
          label={`Check ${server.name} again`}
          onClick={() => check.mutate()}
          waiting={check.isPending}
        />
        <IconButton icon={PencilLine} label={`Change ${server.name}`} onClick={() => setChanging(true)} />
        <IconButton icon={Trash2} label={`Remove ${server.name}`} onClick={() => setRemoving(true)} />
      </div>
      {check.isPending && (
        <p role="status" className="text-sm text-subtler">
          Asking the server…
        </p>
      )}
      {check.isError && (
        <Banner
          kind="negative"
          role="alert"
          inSight
          title={`“${server.name}” cannot be used now`}
          actions={
            <Button size="small" onClick={() => setChanging(true)}>
              Change it
            </Button>
          }
          onDismiss={check.reset}
        >
          {messageOf(check.error)}
        </Banner>
      )}
      {check.data !== undefined && (
        <ServerReportView report={check.data} title="Works" inSight onDismiss={check.reset} />
      )}
      {changing && <ServerDialog server={server} onSaved={check.reset} onClose={() => setChanging(false)} />}
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove “${server.name}”?`}
        action="Remove server"
        waiting={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        {removalWords(server, waiting).map((line) => (
          <p key={line} className="mt-1 first:mt-0">
            {line}
          </p>
        ))}
      </ConfirmDialog>
    </>
  );
}
