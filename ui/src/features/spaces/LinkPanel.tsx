/** A link: where it leads, and what pulling and pushing would change. */
import { useMutation } from "@tanstack/react-query";
import {
  ArrowDownToLine,
  ArrowUpFromLine,
  CircleCheck,
  Info,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
  Unlink,
} from "lucide-react";
import { type RefObject, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Segmented } from "@/components/ui/Segmented";
import { Delayed } from "@/components/ui/Skeleton";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { LinkPlan, PromptChange, PromptNote, SpaceLink, SpaceSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { classes } from "@/lib/classes";
import { formatCount, sentence } from "@/lib/format";
import { changeLines } from "./changeWords";

type Way = "pull" | "push";

type LinkPanelProps = {
  space: SpaceSummary;
  link: SpaceLink;
  /** Looks for changes; has the focus once something was brought over. */
  lookButton: RefObject<HTMLButtonElement | null>;
};

export function LinkPanel({ space, link, lookButton }: LinkPanelProps) {
  const [unlinking, setUnlinking] = useState(false);
  const [way, setWay] = useState<Way | null>(null);
  const look = useMutation({ mutationFn: () => ipc.planLink(space.id) });
  const apply = useMutation({
    mutationFn: (changes: readonly PromptChange[]) =>
      ipc.applyLink(
        space.id,
        changes.map(({ id }) => id),
      ),
    onSuccess: ({ pulled, pushed }) => {
      if (pulled > 0) toast({ title: `Pulled ${formatCount(pulled, "change")}` });
      if (pushed > 0) toast({ title: `Pushed ${formatCount(pushed, "change")}` });
      // What is shown is what was: both sides have moved on, all the more where something was refused.
      lookButton.current?.focus();
      look.mutate();
    },
  });
  const unlink = useMutation({
    mutationFn: () => ipc.unlinkSpace(space.id),
    onError: (error) => toast({ kind: "failed", title: "The space was not unlinked", description: messageOf(error) }),
  });
  const refused = apply.data?.refused ?? [];
  return (
    <section aria-labelledby="link-title" className="flex flex-col gap-4 border-t pt-5">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h3 id="link-title" className="font-semibold break-words" dir="auto">
            Follows “{link.remote_space_name}”
          </h3>
          <p className="text-sm break-all text-subtler select-text">
            {link.address}
            {link.key_storage === "until_quit" && " · its key is kept until you quit"}
            {link.synced_at !== null && (
              <>
                {" · last brought together "}
                <RelativeTime iso={link.synced_at} />
              </>
            )}
          </p>
        </div>
        <Button icon={Unlink} onClick={() => setUnlinking(true)}>
          Unlink
        </Button>
        <Button
          ref={lookButton}
          icon={RefreshCw}
          {...(look.data === undefined ? { variant: "primary", look: "filled" } : {})}
          onClick={() => {
            apply.reset();
            setWay(null);
            look.mutate();
          }}
          waiting={look.isPending}
        >
          {look.data === undefined ? "Look for changes" : "Look again"}
        </Button>
      </div>
      {(apply.isError || refused.length > 0) && (
        <Banner kind="negative" role="alert" title="Not everything was brought over">
          {apply.isError ? sentence(messageOf(apply.error)) : refused.map((why) => <p key={why}>{sentence(why)}</p>)}
          {look.isSuccess && refused.length > 0 && <p>The changes below were read again just now.</p>}
        </Banner>
      )}
      {look.isError && (
        <Banner kind="negative" role="alert" title="The changes could not be read">
          {sentence(messageOf(look.error))}
        </Banner>
      )}
      {look.isPending && (
        <Delayed>
          <p role="status" className="text-sm text-subtler">
            Reading the prompts of both sides…
          </p>
        </Delayed>
      )}
      {look.data !== undefined && (
        <Changes
          key={look.submittedAt}
          plan={look.data}
          way={way ?? (look.data.pull.length === 0 && look.data.push.length > 0 ? "push" : "pull")}
          onWay={setWay}
          onApply={apply.mutate}
          applying={apply.isPending}
        />
      )}
      <ConfirmDialog
        open={unlinking}
        onClose={() => setUnlinking(false)}
        title="Unlink this space?"
        action="Unlink"
        waiting={unlink.isPending}
        onConfirm={() => unlink.mutate()}
      >
        Prompts stay, here and there. Which version is which on both sides is forgotten, and the key is deleted from
        this computer.
      </ConfirmDialog>
    </section>
  );
}

type ChangesProps = {
  plan: LinkPlan;
  way: Way;
  onWay: (way: Way) => void;
  onApply: (changes: readonly PromptChange[]) => void;
  applying: boolean;
};

function Changes({ plan, way, onWay, onApply, applying }: ChangesProps) {
  const changes = plan[way];
  /** What somebody chose other than it was offered: by id, whether it is to be made. */
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isChosen = ({ id, can_apply, is_offered }: PromptChange) => can_apply && (choices.get(id) ?? is_offered);
  const chosen = changes.filter(isChosen);
  if (plan.pull.length + plan.push.length === 0) {
    return (
      <>
        <EmptyState
          icon={CircleCheck}
          title={plan.notes.length === 0 ? "Nothing differs" : "Nothing to bring over"}
          className="py-6"
        >
          {plan.in_step > 0
            ? `${formatCount(plan.in_step, "prompt is", "prompts are")} the same on both sides.`
            : plan.notes.length === 0 && "Neither side has a prompt with a version."}
        </EmptyState>
        <Notes notes={plan.notes} />
      </>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Direction"
          value={way}
          onChange={onWay}
          options={[
            { value: "pull", label: "Pull to here", count: plan.pull.length },
            { value: "push", label: "Push there", count: plan.push.length },
          ]}
        />
        <div className="flex-1" />
        <Button
          variant="primary"
          look="filled"
          icon={way === "pull" ? ArrowDownToLine : ArrowUpFromLine}
          onClick={() => onApply(chosen)}
          waiting={applying}
          disabledReason={chosen.length === 0 ? "Choose a change first." : undefined}
        >
          {way === "pull" ? "Pull" : "Push"} {formatCount(chosen.length, "change")}
        </Button>
      </div>
      {changes.length === 0 ? (
        <p className="py-4 text-center text-sm text-subtler">
          {way === "pull" ? "The other side has nothing new." : "Nothing here is new for the other side."}
        </p>
      ) : (
        <ul className="divide-y rounded-sm border">
          {changes.map((change) => (
            <li key={change.id} className="px-3 py-2.5">
              <Change
                change={change}
                chosen={isChosen(change)}
                onChoose={(next) => setChoices(new Map(choices).set(change.id, next))}
              />
            </li>
          ))}
        </ul>
      )}
      <Notes notes={plan.notes} />
      {plan.in_step > 0 && (
        <p className="text-xs text-subtler">
          {formatCount(plan.in_step, "other prompt is", "other prompts are")} the same on both sides.
        </p>
      )}
    </div>
  );
}

/** Prompts that are not the same in every way though nothing of them is to be brought over. */
function Notes({ notes }: { notes: readonly PromptNote[] }) {
  if (notes.length === 0) return null;
  return (
    <section aria-label="Nothing to bring over, but good to know" className="flex flex-col gap-2">
      <h4 className="text-sm font-semibold">Nothing to bring over, but good to know</h4>
      <ul className="divide-y rounded-sm border">
        {notes.map(({ prompt_id, name, words }) => (
          <li key={prompt_id} className="px-3 py-2.5">
            <div className="text-sm font-semibold break-words" dir="auto">
              {name}
            </div>
            {words.map((why) => (
              <Remark key={why} icon={Info} className="text-subtle">
                {why}
              </Remark>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

type ChangeProps = { change: PromptChange; chosen: boolean; onChoose: (chosen: boolean) => void };

function Change({ change, chosen, onChoose }: ChangeProps) {
  const name = (
    <span className="font-semibold break-words" dir="auto">
      {change.name}
    </span>
  );
  return (
    <>
      {change.can_apply ? (
        <Checkbox checked={chosen} onChange={onChoose}>
          {name}
        </Checkbox>
      ) : (
        <div className="ml-6 text-sm">{name}</div>
      )}
      <div className="ml-6 text-xs text-subtle select-text" dir="auto">
        {changeLines(change).map((line) => (
          <p key={line} className="break-words">
            {line}
          </p>
        ))}
      </div>
      <div className="ml-6">
        {change.notes.map((why) => (
          <Remark key={why} icon={Info} className="text-subtle">
            {why}
          </Remark>
        ))}
        {[...change.conflicts, ...change.losses].map((why) => (
          <Remark key={why} icon={TriangleAlert} className="text-warning-content">
            {why}
          </Remark>
        ))}
      </div>
    </>
  );
}

type RemarkProps = { icon: LucideIcon; className: string; children: string };

function Remark({ icon: Icon, className, children }: RemarkProps) {
  return (
    <p className={classes("mt-0.5 flex items-start gap-1.5 text-xs select-text", className)}>
      <Icon aria-hidden className="mt-0.5 size-3 shrink-0" />
      <span className="min-w-0 break-words">{sentence(children)}</span>
    </p>
  );
}
