import { useMutation, useQuery } from "@tanstack/react-query";
import { GitCompare } from "lucide-react";
import { useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { VersionSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { versionRowsQuery } from "@/ipc/queries";

type SaveVersionDialogProps = {
  promptId: string;
  /** The number that the version will have. */
  number: number;
  /** Number of the version that the draft was started from. */
  basedOn: number | null;
  flush: () => Promise<void>;
  /** Shows the draft against a version. */
  onCompare: (versionId: string) => void;
  onClose: () => void;
};

/** Makes an immutable version of the draft, with a word on why. */
export function SaveVersionDialog({ promptId, number, basedOn, flush, onCompare, onClose }: SaveVersionDialogProps) {
  const usual = `Version ${number}`;
  const [typed, setMessage] = useState<string>();
  const message = typed ?? usual;
  const latest = useQuery(versionRowsQuery(promptId, "", 0, 1)).data?.rows[0];
  const isBehind = latest !== undefined && latest.number > (basedOn ?? 0);
  const input = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: async () => {
      await flush();
      return ipc.saveVersion(promptId, message.trim() === "" ? usual : message);
    },
    onSuccess: ({ version, unchanged }) => {
      onClose();
      toast(
        unchanged
          ? { title: `Nothing changed since version ${version.number}, so no version was made` }
          : { title: `Saved as version ${version.number}`, description: version.commit_hash.slice(0, 12) },
      );
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title="Save as a version"
      description="A version never changes. The draft stays open for the next one."
      size="small"
      initialFocus={input}
      action={`Save version ${number}`}
      onSubmit={() => save.mutate()}
      waiting={save.isPending}
    >
      {isBehind && (
        <NewerVersion
          latest={latest}
          basedOn={basedOn}
          number={number}
          onCompare={() => {
            onClose();
            onCompare(latest.id);
          }}
        />
      )}
      <Field label="Message" hint="What changed, for whoever reads the history.">
        <TextInput
          ref={input}
          value={message}
          onChange={setMessage}
          onFocus={(event) => event.currentTarget.select()}
        />
      </Field>
      {save.isError && (
        <Banner kind="negative" role="alert" title="The version was not saved">
          {messageOf(save.error)}
        </Banner>
      )}
    </FormDialog>
  );
}

type NewerVersionProps = { latest: VersionSummary; basedOn: number | null; number: number; onCompare: () => void };

/** Another program, or somebody in this window, saved a version that the draft knows nothing of. */
function NewerVersion({ latest, basedOn, number, onCompare }: NewerVersionProps) {
  const first = (basedOn ?? 0) + 1;
  const newer = first === latest.number ? `Version ${first} was` : `Versions ${first} to ${latest.number} were`;
  return (
    <Banner
      kind="warning"
      title={`${newer} saved ${basedOn === null ? "since this draft began" : `after version ${basedOn}, from which this draft began`}`}
      actions={
        <Button size="small" icon={GitCompare} onClick={onCompare}>
          Compare
        </Button>
      }
    >
      {first === latest.number ? "By" : `Version ${latest.number} is by`} {latest.author},{" "}
      <RelativeTime iso={latest.created_at} />: “{latest.message}”. Version {number} is made of the draft alone.
    </Banner>
  );
}
