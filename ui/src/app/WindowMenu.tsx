/** The menu of the window, where the system has no bar for it: all commands by what they are about, also those that rest now. */
import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isAvailable, runCommand, titleOf, useCommand } from "@/components/commands";
import { IconButton } from "@/components/ui/Button";
import { Menu, MenuItem, MenuSeparator, Submenu } from "@/components/ui/Menu";
import { type CommandId, menus, programMenu } from "@/lib/commands";

export function WindowMenu() {
  const [open, setOpen] = useState(false);
  useCommand("app.menu", () => setOpen(true));
  useAltKey(() => setOpen(true));
  return (
    <Menu align="end" open={open} onOpenChange={setOpen} trigger={<IconButton icon={MenuIcon} label="Menu" />}>
      {menus.map(({ title, groups }) => (
        <Submenu key={title} label={title}>
          <Groups groups={groups} />
        </Submenu>
      ))}
      <MenuSeparator />
      <Groups groups={programMenu.groups} />
    </Menu>
  );
}

function Groups({ groups }: { groups: readonly (readonly CommandId[])[] }) {
  return groups.map((group, place) => (
    <div key={group[0]}>
      {place > 0 && <MenuSeparator />}
      {group.map((id) => (
        // What is chosen is carried out once the menu is gone, which a dialog would otherwise find above it.
        <MenuItem key={id} command={id} disabled={!isAvailable(id)} onClick={() => setTimeout(() => runCommand(id))}>
          {titleOf(id)}
        </MenuItem>
      ))}
    </div>
  ));
}

/** Calls `open` when Alt is pressed and let go with nothing between. */
function useAltKey(open: () => void): void {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    let isAlone = false;
    const down = (event: KeyboardEvent) => {
      isAlone = event.key === "Alt" && !event.ctrlKey && !event.shiftKey && !event.metaKey;
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === "Alt" && isAlone && isAvailable("app.menu")) {
        event.preventDefault();
        latest.current();
      }
      isAlone = false;
    };
    // Alt with the mouse, or on the way to another window, is not meant for the menu.
    const other = () => {
      isAlone = false;
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("pointerdown", other);
    window.addEventListener("blur", other);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("pointerdown", other);
      window.removeEventListener("blur", other);
    };
  }, []);
}
