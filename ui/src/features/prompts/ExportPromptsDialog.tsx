import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { toast } from "@/components/ui/toast";
import type { PromptFormat, PromptSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";

const FORMATS: readonly { value: PromptFormat; label: string; hint: string }[] = [
  { value: "touchstone", label: "Touchstone", hint: "Everything, exactly, to be imported here again" },
  { value: "arize", label: "Arize", hint: "Versions and labels, as the Arize prompts API has them" },
  { value: "phoenix", label: "Phoenix", hint: "The newest version" },
  { value: "langfuse", label: "Langfuse", hint: "Every version, in double braces" },
];

/** One prompt, or all of them where none is given. */
export function ExportPromptsDialog({ prompt, onClose }: { prompt: PromptSummary | null; onClose: () => void }) {
  const [format, setFormat] = useState<PromptFormat>("touchstone");
  const write = useMutation({
    mutationFn: async () => {
      const path = await ipc.choosePromptsPath(prompt?.name ?? "prompts");
      return path === null ? null : ipc.exportPrompts(prompt === null ? [] : [prompt.id], format, path);
    },
    onSuccess: (written) => {
      if (written === null) return;
      toast({ title: `${formatCount(written.prompts, "prompt")} written`, description: written.path });
      onClose();
    },
  });
  const submit = () => write.mutate();
  return (
    <Dialog
      open
      onClose={onClose}
      title={prompt === null ? "Export all prompts" : "Export prompt"}
      {...(prompt === null ? {} : { description: prompt.name })}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" look="filled" onClick={submit} waiting={write.isPending}>
            Choose a file and export
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {write.isError && (
          <Banner kind="negative" role="alert" title="Nothing was written">
            {sentence(messageOf(write.error))}
          </Banner>
        )}
        <Field label="Format">
          <Select size="large" value={format} onChange={setFormat} options={FORMATS} className="w-full" />
        </Field>
      </div>
    </Dialog>
  );
}
