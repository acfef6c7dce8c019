import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import type { CommandId } from "@/lib/commands";
import { CommandKbd } from "./Kbd";

export const TipProvider = Tooltip.Provider;

type TipProps = {
  /** The element that is hovered or focused; it must pass its props on. */
  children: ReactElement<Record<string, unknown>>;
  content: ReactNode;
  command?: CommandId | undefined;
  side?: "top" | "bottom" | "left" | "right";
};

export function Tip({ children, content, command, side = "bottom" }: TipProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner side={side} sideOffset={6} collisionPadding={8} className="z-50">
          <Tooltip.Popup className="flex max-w-80 items-center gap-2 rounded-sm bg-inverted px-2 py-1 text-xs text-on-inverted shadow-popup transition-opacity duration-100 data-ending-style:opacity-0 data-instant:transition-none data-starting-style:opacity-0">
            <span className="min-w-0 whitespace-pre-line break-words">{content}</span>
            {command !== undefined && <CommandKbd command={command} className="shrink-0" />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
