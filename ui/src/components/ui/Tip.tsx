import { Tooltip } from "@base-ui/react/tooltip";
import { type ComponentProps, type ReactElement, type ReactNode, useEffect } from "react";
import type { CommandId } from "@/lib/commands";
import { CommandKbd } from "./Kbd";

/** Keys by which somebody goes to a button, and may want to know what it is for. */
const GOING = /^(Tab|Arrow|Home$|End$|Page)/;

let lastKey = "";

export function TipProvider(props: ComponentProps<typeof Tooltip.Provider>) {
  useEffect(() => {
    const hear = ({ key }: KeyboardEvent) => {
      lastKey = key;
    };
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  }, []);
  return <Tooltip.Provider {...props} />;
}

/** A button that has the focus again, as what it opened was closed, is known, and its tip would stay until the focus goes. */
function stayClosed(open: boolean, details: Tooltip.Root.ChangeEventDetails): void {
  if (open && details.reason === "trigger-focus" && !GOING.test(lastKey)) details.cancel();
}

type TipProps = {
  /** The element that is hovered or focused; it must pass its props on. */
  children: ReactElement<Record<string, unknown>>;
  content: ReactNode;
  command?: CommandId | undefined;
  side?: "top" | "bottom" | "left" | "right";
  align?: "start" | "center";
};

export function Tip({ children, content, command, side = "bottom", align = "center" }: TipProps) {
  return (
    <Tooltip.Root onOpenChange={stayClosed}>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner side={side} align={align} sideOffset={6} collisionPadding={8} className="z-50">
          <Tooltip.Popup className="flex max-w-80 items-center gap-2 rounded-sm bg-inverted px-2 py-1 text-xs text-on-inverted shadow-popup transition-opacity duration-100 data-ending-style:opacity-0 data-instant:transition-none data-starting-style:opacity-0">
            <span className="min-w-0 whitespace-pre-line break-words">{content}</span>
            {command !== undefined && <CommandKbd command={command} className="shrink-0" />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
