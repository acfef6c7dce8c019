import { Link } from "@tanstack/react-router";
import {
  CircleHelp,
  FolderKanban,
  KeyRound,
  ListChecks,
  type LucideIcon,
  MessageSquareText,
  PanelLeftClose,
  PanelLeftOpen,
  Settings,
} from "lucide-react";
import { runCommand } from "@/components/commands";
import { IconButton } from "@/components/ui/Button";
import { Tip } from "@/components/ui/Tip";
import { classes } from "@/lib/classes";
import { ariaKeys, type CommandId, commandTable } from "@/lib/commands";
import { Logo } from "./Logo";

const places: readonly { to: "/prompts" | "/projects" | "/review"; label: string; icon: LucideIcon }[] = [
  { to: "/prompts", label: "Prompts", icon: MessageSquareText },
  { to: "/projects", label: "Projects", icon: FolderKanban },
  { to: "/review", label: "Review", icon: ListChecks },
];

/** What is needed on every screen, and shown over it. */
const aids: readonly { command: CommandId; icon: LucideIcon }[] = [
  { command: "go.keys", icon: KeyRound },
  { command: "app.settings", icon: Settings },
  { command: "app.guide", icon: CircleHelp },
];

const itemClass =
  "flex h-9 items-center gap-2.5 rounded-sm text-sm text-subtle hover:bg-surface-hover hover:text-content data-[status=active]:bg-primary-tint data-[status=active]:font-semibold data-[status=active]:text-content";

type SidebarProps = {
  /** Over the screen it takes no room from it, and goes once a place is chosen. */
  look: "beside" | "collapsed" | "over";
  onToggle: () => void;
  /** It is not wanted any longer where it lies over the screen. */
  onLeave: () => void;
};

export function Sidebar({ look, onToggle, onLeave }: SidebarProps) {
  const collapsed = look === "collapsed";
  const over = look === "over";
  return (
    <div className={classes("flex min-h-0", over && "relative w-14")}>
      {over && <div aria-hidden className="fixed inset-0 z-30" onClick={onLeave} />}
      <nav
        aria-label="Main"
        onKeyDown={(event) => event.key === "Escape" && onLeave()}
        // Not for another window, which leaves it where it is.
        onBlur={({ currentTarget, relatedTarget }) =>
          relatedTarget !== null && !currentTarget.contains(relatedTarget) && onLeave()
        }
        className={classes(
          "flex min-h-0 flex-col border-r bg-background",
          collapsed ? "w-14" : "w-60",
          over && "absolute inset-y-0 left-0 z-30 shadow-dialog",
        )}
      >
        <div
          className={classes(
            "flex h-12 shrink-0 items-center border-b",
            collapsed ? "justify-center" : "gap-2.5 pr-2 pl-4",
          )}
        >
          {!collapsed && (
            <>
              <Logo className="size-6" />
              <span className="flex-1 text-lg font-semibold tracking-tight">Touchstone</span>
            </>
          )}
          <IconButton
            icon={collapsed ? PanelLeftOpen : PanelLeftClose}
            label={collapsed ? "Expand the sidebar" : "Collapse the sidebar"}
            aria-expanded={!collapsed}
            command="app.sidebar"
            onClick={onToggle}
          />
        </div>
        <div className="scroll-area flex min-h-0 flex-1 flex-col gap-0.5 p-2">
          {places.map(({ to, label, icon: Icon }) => {
            const link = (
              <Link
                key={to}
                to={to}
                onClick={onLeave}
                aria-label={collapsed ? label : undefined}
                className={classes(itemClass, collapsed ? "justify-center" : "px-2.5")}
              >
                <Icon aria-hidden className="size-4.5 shrink-0" strokeWidth={1.75} />
                {!collapsed && label}
              </Link>
            );
            return collapsed ? (
              <Tip key={to} content={label} side="right">
                {link}
              </Tip>
            ) : (
              link
            );
          })}
        </div>
        <div className="flex flex-col gap-0.5 border-t p-2">
          {aids.map(({ command, icon: Icon }) => {
            const label = commandTable[command].title;
            return (
              <Tip key={command} content={label} command={command} side="right">
                <button
                  type="button"
                  aria-label={collapsed ? label : undefined}
                  aria-keyshortcuts={ariaKeys(command)}
                  onClick={() => {
                    onLeave();
                    runCommand(command);
                  }}
                  className={classes(itemClass, collapsed ? "justify-center" : "px-2.5")}
                >
                  <Icon aria-hidden className="size-4.5 shrink-0" strokeWidth={1.75} />
                  {!collapsed && label}
                </button>
              </Tip>
            );
          })}
        </div>
      </nav>
    </div>
  );
}
