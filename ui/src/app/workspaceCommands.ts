/** The commands about the workspace file and about the program itself, which every screen has. */
import { useQuery } from "@tanstack/react-query";
import { useCommand } from "@/components/commands";
import { toast } from "@/components/ui/toast";
import { backUpWorkspace, checkWorkspace, chooseWorkspace, openOwnWorkspace } from "@/features/settings/workspaces";
import type { Settings } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { appInfoQuery } from "@/ipc/queries";
import type { DialogName } from "./router";

type Ways = {
  settings: Settings | undefined;
  openDialog: (dialog: DialogName) => void;
  /** Asks about the workspace that was chosen. */
  onWorkspace: (path: string) => void;
};

export function useWorkspaceCommands({ settings, openDialog, onWorkspace }: Ways): void {
  const isChosen = useQuery(appInfoQuery()).data?.workspace_is_chosen === true;
  useCommand("workspace.open", () => void chooseWorkspace(onWorkspace));
  useCommand("workspace.own", () => void openOwnWorkspace(), { enabled: isChosen });
  useCommand("workspace.show", () => attempt(ipc.showWorkspace(), "The folder was not shown"));
  useCommand("workspace.back-up", () => attempt(backUpWorkspace(), "The workspace was not backed up"));
  useCommand("workspace.restore", () => openDialog("data"));
  useCommand("workspace.check", () =>
    attempt(
      checkWorkspace(() => openDialog("data")),
      "The workspace was not checked",
    ),
  );
  useCommand("workspace.salvage", () => openDialog("data"));
  useCommand("workspace.offline", () => settings && attempt(switchOffline(settings), "The setting could not be kept"), {
    enabled: settings !== undefined,
  });
  useCommand("app.diagnostics", () => openDialog("diagnostics"));
  useCommand("app.crash", () => openDialog("privacy"));
  useCommand("app.logs", () => attempt(ipc.showLogs(), "The folder was not shown"));
  useCommand("app.about", () => openDialog("about"));
  useCommand("app.licences", () => openDialog("licences"));
  useCommand("go.local-api", () => openDialog("local-api"));
}

/** Tells why `work` failed, if it does. */
export function attempt(work: Promise<unknown>, title: string): void {
  void work.catch((error) => toast({ kind: "failed", title, description: messageOf(error) }));
}

async function switchOffline(settings: Settings): Promise<void> {
  await ipc.setSettings({ ...settings, offline: !settings.offline });
  toast({ title: settings.offline ? "Offline is off" : "Offline is on: nothing but this computer is reached" });
}
