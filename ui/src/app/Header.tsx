import { CloudOff, Monitor, Moon, Search, Sun } from "lucide-react";
import type { Ref } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import { CommandKbd } from "@/components/ui/Kbd";
import { Menu, MenuRadioGroup } from "@/components/ui/Menu";
import { Tip } from "@/components/ui/Tip";
import type { Theme } from "@/ipc/bindings";
import { isMac } from "@/lib/commands";
import { WindowMenu } from "./WindowMenu";

const themes = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "System", icon: Monitor },
] as const;

type HeaderProps = {
  breadcrumbRef: Ref<HTMLDivElement>;
  theme: Theme;
  onTheme: (theme: Theme) => void;
  onSearch: () => void;
  /** Nothing but this computer is reached. */
  offline: boolean;
  onOffline: () => void;
};

/** Notices stand beside the search, wherever that begins. */
function tellWidth(controls: HTMLElement | null): (() => void) | undefined {
  if (controls === null) return;
  const { style } = document.documentElement;
  const sizes = new ResizeObserver(() =>
    style.setProperty("--notice-right", `calc(${controls.offsetWidth}px + 1.75rem)`),
  );
  sizes.observe(controls);
  return () => sizes.disconnect();
}

export function Header({ breadcrumbRef, theme, onTheme, onSearch, offline, onOffline }: HeaderProps) {
  const current = themes.find(({ value }) => value === theme) ?? themes[2];
  return (
    <header className="flex min-w-0 items-center gap-3 border-b bg-background px-4">
      {/* In the narrowest windows it has no room to give, and is covered: the controls stay where they are. */}
      <div ref={breadcrumbRef} className="min-w-0 flex-1 min-[821px]:notice:pr-(--notice-width)" />
      <div ref={tellWidth} className="flex shrink-0 items-center gap-3">
        {/* Below these widths the tip says what is not seen. */}
        <Tip content="Search and commands" command="app.palette">
          <button
            type="button"
            onClick={onSearch}
            className="relative flex h-8 w-60 shrink-0 items-center gap-2 rounded-sm border border-border-bold bg-surface px-2.5 text-sm whitespace-nowrap text-subtler hover:bg-surface-hover max-[1100px]:w-auto max-[820px]:px-2"
          >
            <Search aria-hidden className="size-4 shrink-0" />
            <span className="flex-1 text-left max-[1100px]:sr-only">Search and commands</span>
            <CommandKbd command="app.palette" className="max-[820px]:hidden" />
          </button>
        </Tip>
        {offline && (
          <Button icon={CloudOff} onClick={onOffline} title="Only this computer is reached. Change it in Settings.">
            Offline
          </Button>
        )}
        <Menu
          align="end"
          trigger={<IconButton icon={current.icon} label={`Theme: ${current.label}`} look="outlined" />}
        >
          <MenuRadioGroup label="Theme" value={theme} onChange={onTheme} options={themes} />
        </Menu>
        {!isMac && <WindowMenu />}
      </div>
    </header>
  );
}
