/** What to do first, and what the numbers mean. */
import { Keyboard } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import guide from "./guide.md?raw";
import { Markdown } from "./Markdown";

export function GuideDialog({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Ten minutes with Touchstone"
      size="large"
      footer={
        <Button icon={Keyboard} onClick={onShortcuts}>
          Keyboard shortcuts
        </Button>
      }
    >
      <article className="mx-auto max-w-2xl text-sm leading-6 [&>h3:first-of-type]:mt-2">
        <Markdown text={guide} />
      </article>
    </Dialog>
  );
}
