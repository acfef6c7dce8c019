/** What waits to be given back to a server, is on its way, or failed. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCw, X } from "lucide-react";
import { useRef } from "react";
import { Loaded } from "@/components/Loaded";
import { Badge, type Tone } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/Button";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { Push, PushState } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { pushesQuery } from "@/ipc/queries";
import { formatNumber, sentence } from "@/lib/format";
import { doneWords, goesOn, openPushes, placeWords } from "./words";

/** What is done is listed only where some of it failed. */
const STATES: Record<PushState, { word: string; tone: Tone }> = {
  waiting: { word: "Waiting", tone: "warning" },
  under_way: { word: "Under way", tone: "primary" },
  done: { word: "Not all written", tone: "negative" },
  failed: { word: "Failed", tone: "negative" },
};

export function PushList() {
  const pushes = useQuery(pushesQuery());
  const title = useRef<HTMLHeadingElement>(null);
  return (
    <section aria-labelledby="pushes-title" className="flex flex-col gap-2">
      <h3 ref={title} id="pushes-title" tabIndex={-1} className="text-sm font-semibold outline-none">
        Waiting to be given back
      </h3>
      <Loaded query={pushes} what="what waits to be given back">
        {(pushes) => {
          const open = openPushes(pushes);
          return open.length === 0 ? (
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
          );
        }}
      </Loaded>
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
        label={goesOn(push) ? `Cancel ${name}` : `Dismiss ${name}`}
        onClick={() => cancel.mutate()}
        waiting={cancel.isPending}
      />
    </div>
  );
}
