import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import type { ConfigTemplate } from "@/ipc/bindings";
import { TemplatePicker } from "./TemplatePicker";

type TemplateDialogProps = {
  title: string;
  /** What becomes of the chosen one. */
  description: string;
  /** What the button that leaves says. */
  leave: string;
  /** The one that was chosen before. */
  id?: string | undefined;
  onUse: (template: ConfigTemplate) => void;
  onClose: () => void;
};

/** Chooses a labeling config for a common job. */
export function TemplateDialog({ title, description, leave, id, onUse, onClose }: TemplateDialogProps) {
  const [chosen, setChosen] = useState<ConfigTemplate>();
  const use = () => chosen !== undefined && onUse(chosen);
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={description}
      size="large"
      onSubmit={use}
      footer={
        <>
          <Button onClick={onClose}>{leave}</Button>
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
      <TemplatePicker id={chosen?.id ?? id} onChoose={setChosen} />
    </Dialog>
  );
}
