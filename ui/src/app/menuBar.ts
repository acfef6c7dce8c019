/** The system's menu bar, where it has one: it shows the table of commands, and what is chosen in it is carried out here. */
import { useEffect } from "react";
import { followCommands, isAvailable, runCommand, titleOf } from "@/components/commands";
import { ipc, listen } from "@/ipc/client";
import { accelerator, type CommandId, commandTable, isMac, menus, programMenu } from "@/lib/commands";

/** Screens come and go command by command. */
const SETTLED_MS = 100;

const sections = [programMenu, ...menus];

function show(): void {
  const drawn = sections.map(({ title, groups }) => ({
    title,
    groups: groups.map((group) =>
      group.map((id) => ({
        id,
        title: titleOf(id),
        accelerator: accelerator(id),
        enabled: isAvailable(id),
      })),
    ),
  }));
  // A bar that could not be drawn anew shows what it showed; every command has its keys and its place in the palette.
  void ipc.setMenu(drawn).catch(() => {});
}

/** Keeps the bar true while the window is there. */
export function useMenuBar(): void {
  useEffect(() => {
    if (!isMac) return;
    let timer = setTimeout(show, SETTLED_MS);
    const unfollow = followCommands(() => {
      clearTimeout(timer);
      timer = setTimeout(show, SETTLED_MS);
    });
    const stop = listen("menuChosen", ({ command }) => {
      if (command in commandTable) runCommand(command as CommandId);
    });
    return () => {
      clearTimeout(timer);
      unfollow();
      stop();
    };
  }, []);
}
