/** What to do first, and what the numbers mean. */
import { Keyboard } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import guide from "./guide.md?raw";
import { Markdown } from "./Markdown";

export function GuideDialog({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Ten minutes with Touchstone"
      size="large"
      bare
      footer={
        <Button icon={Keyboard} onClick={onShortcuts}>
          Keyboard shortcuts
        </Button>
      }
    >
      <ScrollRegion label="Guide" className="min-h-0 flex-1 px-6 py-5">
        <article className="mx-auto max-w-2xl text-sm leading-6 [&>h3:first-of-type]:mt-2">
          <Markdown text={guide} />
        </article>
      </ScrollRegion>
    </Dialog>
  );
}
