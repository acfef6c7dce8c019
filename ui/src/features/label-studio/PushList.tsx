/** What waits to be given back to a server, is on its way, or failed. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCw, X } from "lucide-react";
import { useRef } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Badge, type Tone } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/Button";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { Push, PushState } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { pushesQuery } from "@/ipc/queries";
import { formatNumber, sentence } from "@/lib/format";
import { doneWords, openPushes, placeWords } from "./words";

const STATES: Record<PushState, { word: string; tone: Tone }> = {
  waiting: { word: "Waiting", tone: "warning" },
  under_way: { word: "Under way", tone: "primary" },
  done: { word: "Done", tone: "positive" },
  failed: { word: "Failed", tone: "negative" },
};

export function PushList() {
  const pushes = useQuery(pushesQuery());
  const title = useRef<HTMLHeadingElement>(null);
  if (pushes.isError) {
    return (
      <QueryProblem
        title="What waits to be given back could not be read"
        error={pushes.error}
        onRetry={() => void pushes.refetch()}
      />
    );
  }
  const open = openPushes(pushes.data ?? []);
  return (
    <section aria-labelledby="pushes-title" className="flex flex-col gap-2">
      <h3 ref={title} id="pushes-title" tabIndex={-1} className="text-sm font-semibold outline-none">
        To be given back
      </h3>
      {open.length === 0 ? (
        <p className="text-sm text-subtler">
          Nothing waits. What cannot reach its server is kept here and goes on once it can.
        </p>
      ) : (
        <ul className="divide-y rounded-md border">
          {open.map((push) => (
            <li key={push.id} className="px-3 py-2.5">
              <PushItem push={push} onGone={() => title.current?.focus()} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function PushItem({ push, onGone }: { push: Push; onGone: () => void }) {
  const { id, prompt_name: prompt, version, state, reason } = push;
  const name = `${prompt} v${formatNumber(version)}`;
  const failed = (title: string) => (error: Error) => toast({ kind: "failed", title, description: messageOf(error) });
  const resume = useMutation({
    mutationFn: () => ipc.resumePush(id),
    onError: failed("It could not go on"),
  });
  const cancel = useMutation({
    mutationFn: () => ipc.cancelPush(id),
    onSuccess: onGone,
    onError: failed("It was not canceled"),
  });
  return (
    <div className="flex items-start gap-2.5">
      <div className="min-w-0 flex-1 text-sm">
        <div className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate font-semibold" title={name} dir="auto">
            {name}
          </span>
          <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>
        </div>
        <div className="break-words text-subtle" dir="auto">
          To {placeWords(push)}
        </div>
        {reason !== null && <div className="break-words text-subtle select-text">{sentence(reason)}</div>}
        <div className="text-xs text-subtler">
          {doneWords(push)} · since <RelativeTime iso={push.created_at} />
        </div>
      </div>
      {state !== "under_way" && (
        <IconButton
          icon={RotateCw}
          label={`Try ${name} now`}
          onClick={() => resume.mutate()}
          waiting={resume.isPending}
        />
      )}
      <IconButton
        icon={X}
        label={state === "failed" ? `Dismiss ${name}` : `Cancel ${name}`}
        onClick={() => cancel.mutate()}
        waiting={cancel.isPending}
      />
    </div>
  );
}
