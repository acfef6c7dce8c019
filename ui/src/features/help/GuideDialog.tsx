/** What to do first, and what the numbers mean. */
import { Keyboard } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Article } from "./Article";
import guide from "./guide.md?raw";

type GuideDialogProps = {
  onClose: () => void;
  onNews: () => void;
  onShortcuts: () => void;
  /** The dialog that lies over this one. */
  over: ReactNode;
};

export function GuideDialog({ onClose, onNews, onShortcuts, over }: GuideDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Ten minutes with Touchstone"
      size="large"
      bare
      footer={
        <>
          <Button onClick={onNews}>What is new</Button>
          <Button icon={Keyboard} onClick={onShortcuts}>
            Keyboard shortcuts
          </Button>
        </>
      }
    >
      <Article label="Guide" text={guide} />
      {over}
    </Dialog>
  );
}
