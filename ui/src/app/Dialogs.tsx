import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useCallback } from "react";
import { isSettings } from "@/features/settings/parts";
import type { DialogBeneath, DialogName } from "./router";
import { ShortcutsDialog } from "./ShortcutsDialog";

// Not needed for the first screen.
const BinDialog = lazy(async () => ({ default: (await import("@/features/prompts/BinDialog")).BinDialog }));
const ConnectionsDialog = lazy(async () => ({
  default: (await import("@/features/connections/ConnectionsDialog")).ConnectionsDialog,
}));
const CreatePromptDialog = lazy(async () => ({
  default: (await import("@/features/prompts/CreatePromptDialog")).CreatePromptDialog,
}));
const DiagnosticsDialog = lazy(async () => ({
  default: (await import("@/features/settings/DiagnosticsDialog")).DiagnosticsDialog,
}));
const GuideDialog = lazy(async () => ({ default: (await import("@/features/help/GuideDialog")).GuideDialog }));
const ImportDialog = lazy(async () => ({ default: (await import("@/features/imports/ImportDialog")).ImportDialog }));
const ImportReportDialog = lazy(async () => ({
  default: (await import("@/features/imports/ImportReportDialog")).ImportReportDialog,
}));
const LicencesDialog = lazy(async () => ({
  default: (await import("@/features/settings/LicencesDialog")).LicencesDialog,
}));
const NewsDialog = lazy(async () => ({ default: (await import("@/features/help/NewsDialog")).NewsDialog }));
const PickDialog = lazy(async () => ({ default: (await import("@/features/label-studio/PickDialog")).PickDialog }));
const PullDialog = lazy(async () => ({ default: (await import("@/features/label-studio/PullDialog")).PullDialog }));
const PushDialog = lazy(async () => ({ default: (await import("@/features/label-studio/PushDialog")).PushDialog }));
const MediaCheckDialog = lazy(async () => ({
  default: (await import("@/features/projects/MediaCheckDialog")).MediaCheckDialog,
}));
const SpacesDialog = lazy(async () => ({ default: (await import("@/features/spaces/SpacesDialog")).SpacesDialog }));
const SettingsDialog = lazy(async () => {
  // Together: a section that came later would move those below it.
  const [{ SettingsDialog }, { ServersSection }] = await Promise.all([
    import("@/features/settings/SettingsDialog"),
    import("@/features/label-studio/ServersSection"),
  ]);
  type SettingsProps = Omit<ComponentProps<typeof SettingsDialog>, "labelStudio">;
  return { default: (props: SettingsProps) => <SettingsDialog {...props} labelStudio={<ServersSection />} /> };
});

/** The dialog that the address names, and the way to another one or to none. */
export function useDialog(): [DialogName | undefined, (dialog: DialogName | undefined, over?: DialogBeneath) => void] {
  const dialog = useSearch({ strict: false, select: (search) => search.dialog });
  const navigate = useNavigate();
  const open = useCallback(
    (next: DialogName | undefined, over?: DialogBeneath) => {
      void navigate({
        to: ".",
        search: (old) => ({ ...old, dialog: next, over, project: undefined, prompt: undefined }),
        replace: next === undefined,
      });
    },
    [navigate],
  );
  return [dialog, open];
}

type DialogsProps = {
  importPaths: string[];
  onImportPaths: (paths: string[]) => void;
  onOpenSample: () => void;
};

/** Where features meet: the dialogs that any screen can open. */
export function Dialogs({ importPaths, onImportPaths, onOpenSample }: DialogsProps) {
  const [dialog, open] = useDialog();
  const navigate = useNavigate();
  const projectId = useSearch({ strict: false, select: (search) => search.project });
  const promptId = useSearch({ strict: false, select: (search) => search.prompt });
  const spaceId = useSearch({ strict: false, select: (search) => search.space });
  const runId = useSearch({ strict: false, select: (search) => search.run });
  const over = useSearch({ strict: false, select: (search) => search.over });
  const close = () => open(undefined);
  // To read, over the screen or over the dialog that led to it.
  const beneath = over ?? dialog;
  const onDone = () => open(over);
  const reading = (
    // What lies beneath stays while it is fetched.
    <Suspense>
      {dialog === "diagnostics" && <DiagnosticsDialog onClose={onDone} />}
      {dialog === "licences" && <LicencesDialog onClose={onDone} />}
      {dialog === "news" && <NewsDialog onClose={onDone} />}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={onDone} />}
    </Suspense>
  );
  const openProject = (projectId: string) => void navigate({ to: "/projects/$projectId", params: { projectId } });
  const createPrompt = (projectId: string) =>
    void navigate({ to: "/prompts", search: { dialog: "create", project: projectId } });
  return (
    <>
      <Suspense>
        {dialog === "bin" && <BinDialog asksAbout={promptId} onClose={close} />}
        {dialog === "create" && (
          <CreatePromptDialog
            projectId={projectId}
            spaceId={spaceId}
            onClose={close}
            onCreated={(promptId) => void navigate({ to: "/prompts/$promptId", params: { promptId } })}
            onImport={() => {
              onImportPaths([]);
              open("import");
            }}
            onOpenSample={onOpenSample}
            fromLabelStudio={(onClose, onChosen) => <PickDialog onClose={onClose} onCreatePrompt={onChosen} />}
          />
        )}
        {beneath === "guide" && (
          <GuideDialog
            onClose={close}
            onNews={() => open("news", "guide")}
            onShortcuts={() => open("shortcuts", "guide")}
            over={reading}
          />
        )}
        {(dialog === "import" || dialog === "templates") && (
          <ImportDialog
            into={projectId}
            picking={dialog === "templates"}
            onPicking={(picking) => open(picking ? "templates" : "import")}
            paths={importPaths}
            onPaths={onImportPaths}
            onClose={close}
            onOpenProject={openProject}
            onCreatePrompt={createPrompt}
          />
        )}
        {dialog === "from-label-studio" && (
          <PickDialog onClose={close} onOpenProject={openProject} onCreatePrompt={createPrompt} />
        )}
        {dialog === "pull" && projectId !== undefined && <PullDialog projectId={projectId} onClose={close} />}
        {dialog === "push" && runId !== undefined && (
          <PushDialog runId={runId} onClose={close} onShowWaiting={() => open("label-studio")} />
        )}
        {dialog === "import-report" && projectId !== undefined && (
          <ImportReportDialog projectId={projectId} onClose={close} />
        )}
        {dialog === "media" && projectId !== undefined && (
          <MediaCheckDialog
            projectId={projectId}
            onClose={close}
            onOpenTask={(task) =>
              void navigate({ to: "/projects/$projectId", params: { projectId }, search: { task } })
            }
          />
        )}
        {dialog === "keys" && <ConnectionsDialog onClose={close} />}
        {isSettings(beneath) && (
          <SettingsDialog at={beneath} onGo={(part) => open(part)} onRead={open} over={reading} onClose={close} />
        )}
        {dialog === "spaces" && (
          <SpacesDialog
            spaceId={spaceId}
            onClose={close}
            onOpen={(space) => void navigate({ to: "/prompts", search: { space } })}
          />
        )}
      </Suspense>
      {over === undefined && reading}
    </>
  );
}
