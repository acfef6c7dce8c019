import { Collapsible } from "@base-ui/react/collapsible";
import { ChevronRight } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";

type AdvancedProps = {
  /** Whether something is in it from the start. */
  filled?: boolean;
  /** Opens it when something in it is refused. */
  faulty: boolean;
  /** Opens it and leads to a field of it. `times` counts how often that was wished. */
  wish?: { times: number; field: RefObject<HTMLElement | null> };
  children: ReactNode;
};

/** What few need, behind a line that opens. */
export function Advanced({ filled = false, faulty, wish, children }: AdvancedProps) {
  const [open, setOpen] = useState(filled);
  useEffect(() => {
    if (faulty) setOpen(true);
  }, [faulty]);
  const { times = 0, field } = wish ?? {};
  const granted = useRef(times);
  useEffect(() => {
    if (times === granted.current) return;
    // The field is there once this is open.
    if (!open) return setOpen(true);
    granted.current = times;
    field?.current?.focus({ preventScroll: true });
    // No farther than needed: to bring it to the middle, the dialog around it would be moved too.
    field?.current?.scrollIntoView({ block: "nearest" });
  }, [times, field, open]);
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
