import { useState } from "react";
import { TemplatePicker } from "@/components/project/TemplatePicker";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import type { ConfigTemplate } from "@/ipc/bindings";

type TemplateDialogProps = { onUse: (template: ConfigTemplate) => void; onClose: () => void };

/** A template in place of the text, which undo brings back. */
export function TemplateDialog({ onUse, onClose }: TemplateDialogProps) {
  const [chosen, setChosen] = useState<ConfigTemplate>();
  const use = () => chosen !== undefined && onUse(chosen);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Templates"
      description="A template takes the place of the text; undo brings the text back."
      size="large"
      onSubmit={use}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            look="filled"
            disabledReason={chosen === undefined ? "Choose a template first." : undefined}
            onClick={use}
          >
            Use template
          </Button>
        </>
      }
    >
      <TemplatePicker id={chosen?.id} onChoose={setChosen} />
    </Dialog>
  );
}
