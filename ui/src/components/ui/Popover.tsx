import { Popover as BasePopover } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { classes } from "@/lib/classes";
import { popupClass } from "./popup";

type PopoverProps = {
  trigger: ReactElement<Record<string, unknown>>;
  title: string;
  align?: "start" | "center" | "end";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
  children: ReactNode;
};

export function Popover({ trigger, title, align = "start", open, onOpenChange, className, children }: PopoverProps) {
  return (
    <BasePopover.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      <BasePopover.Trigger render={trigger} />
      <BasePopover.Portal>
        <BasePopover.Positioner sideOffset={4} align={align} collisionPadding={8} className="z-50">
          <BasePopover.Popup className={classes(popupClass, "w-80 p-4", className)}>
            <BasePopover.Title className="mb-3 text-sm font-semibold">{title}</BasePopover.Title>
            {children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
