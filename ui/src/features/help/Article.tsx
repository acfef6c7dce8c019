import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Markdown } from "./Markdown";

/** One of our own texts, to be read in a dialog. */
export function Article({ label, text }: { label: string; text: string }) {
  return (
    <ScrollRegion label={label} className="min-h-0 flex-1 px-6 py-5">
      <article className="mx-auto max-w-2xl text-sm leading-6 [&>h3:first-of-type]:mt-2">
        <Markdown text={text} />
      </article>
    </ScrollRegion>
  );
}
