import { Collapsible } from "@base-ui/react/collapsible";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

type AdvancedProps = {
  /** Opens it from the start, or when something in it needs a look. */
  needed: boolean;
  children: ReactNode;
};

/** What few need, behind a line that opens. */
export function Advanced({ needed, children }: AdvancedProps) {
  const [open, setOpen] = useState(needed);
  useEffect(() => {
    if (needed) setOpen(true);
  }, [needed]);
  return (
    <Collapsible.Root open={open} onOpenChange={setOpen}>
      <Collapsible.Trigger className="group -ml-1 flex items-center gap-1 rounded-sm px-1 py-0.5 text-sm font-semibold text-subtle hover:text-content">
        <ChevronRight aria-hidden className="size-4 transition-transform group-data-panel-open:rotate-90" />
        Advanced
      </Collapsible.Trigger>
      <Collapsible.Panel className="flex flex-col gap-4 pt-3">{children}</Collapsible.Panel>
    </Collapsible.Root>
  );
}
