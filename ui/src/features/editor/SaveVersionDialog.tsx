import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";

type SaveVersionDialogProps = {
  promptId: string;
  /** The number that the version will have. */
  number: number;
  flush: () => Promise<void>;
  onClose: () => void;
};

/** Makes an immutable version of the draft, with a word on why. */
export function SaveVersionDialog({ promptId, number, flush, onClose }: SaveVersionDialogProps) {
  const usual = `Version ${number}`;
  const [message, setMessage] = useState(usual);
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
  useCommand("form.submit", () => save.mutate());
  return (
    <Dialog
      open
      onClose={onClose}
      title="Save as a version"
      description="A version never changes. The draft stays open for the next one."
      size="small"
      initialFocus={input}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" look="filled" waiting={save.isPending} onClick={() => save.mutate()}>
            Save version {number}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
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
      </form>
    </Dialog>
  );
}
