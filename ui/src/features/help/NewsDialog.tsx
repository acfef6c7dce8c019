/** What each release brought, the newest first. */
import { Dialog } from "@/components/ui/Dialog";
import { Article } from "./Article";
import news from "./news.md?raw";

export function NewsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="What is new" size="large" bare>
      <Article label="Release notes" text={news} />
    </Dialog>
  );
}
