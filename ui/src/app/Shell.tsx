import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate, useParams, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { changeAppearance, zoomBy } from "@/components/appearance";
import { useCommand, useHotkeys, useIsCovered } from "@/components/commands";
import { handOver } from "@/components/fileDrop";
import { BreadcrumbSlot } from "@/components/Page";
import { Toasts, toast } from "@/components/ui/toast";
import { useMediaQuery } from "@/components/useMediaQuery";
import { RunDock } from "@/features/runs/RunDock";
import { WorkspaceQuestion } from "@/features/settings/WorkspaceQuestion";
import { ipc, listen, messageOf } from "@/ipc/client";
import { settingsQuery } from "@/ipc/queries";
import { CloseQuestion } from "./CloseQuestion";
import { Dialogs, useDialog } from "./Dialogs";
import { refuseBrowserKeys } from "./desktop";
import { Header } from "./Header";
import { useMenuBar } from "./menuBar";
import { Sidebar } from "./Sidebar";
import { useStartNotices } from "./startNotices";
import { step } from "./steps";
import { useAppliedDensity, useAppliedTheme, usePreferences } from "./theme";
import { useOpenings } from "./useOpenings";
import { attempt, useWorkspaceCommands } from "./workspaceCommands";

const loadPalette = () => import("./Palette");
const Palette = lazy(() => loadPalette().then(({ Palette }) => ({ default: Palette })));

/** The frame around every screen: sidebar, header, the running runs, and the dialogs that are reachable from everywhere. */
export function Shell() {
  const [preferences, change] = usePreferences();
  const settings = useQuery(settingsQuery());
  useAppliedTheme(preferences.theme);
  useAppliedDensity(preferences.compact_rows);
  useHotkeys(refuseBrowserKeys);
  // What is on the screen goes before the names of the others: those lie over it for as long as they are wanted.
  const narrow = useMediaQuery("(max-width: 1000px)");
  const pathname = useLocation({ select: ({ pathname }) => pathname });
  /** The screen that the sidebar lies over, and no other. */
  const [covered, setCovered] = useState<string>();
  const sidebarOver = covered !== undefined && covered === pathname && narrow;
  if (covered !== undefined && !sidebarOver) setCovered(undefined);
  const toggleSidebar = () =>
    narrow
      ? setCovered(sidebarOver ? undefined : pathname)
      : change({ sidebar_collapsed: !preferences.sidebar_collapsed });
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [importPaths, setImportPaths] = useState<string[]>([]);
  const [dragging, setDragging] = useState(false);
  const [workspace, setWorkspace] = useState<string | null>(null);
  const navigate = useNavigate();
  const { history } = useRouter();
  const [dialog, openDialog] = useDialog();
  const projectId = useParams({ strict: false, select: ({ projectId }) => projectId });

  // Its key is answered at once. The screens are not fetched ahead of what points at them: they would stay in memory unseen.
  useEffect(() => {
    const timer = setTimeout(loadPalette, 400);
    return () => clearTimeout(timer);
  }, []);

  const onImport = (paths: string[]) => {
    setImportPaths(paths);
    openDialog("import");
  };
  const takeOpenings = useOpenings({
    // A dialog that is fetched first covers nothing yet.
    isBusy: useIsCovered() || dialog !== undefined || workspace !== null,
    onImport,
    onWorkspace: setWorkspace,
  });
  const latest = useRef({ dialog, onImport });
  latest.current = { dialog, onImport };
  useEffect(() => {
    const take = async (paths: string[]) => {
      const openings = await ipc.openingsOf(paths);
      const { dialog, onImport } = latest.current;
      const isImporting = dialog === "import" || dialog === "templates";
      // What is dropped on the open import is meant for it.
      for (const opening of openings) if (isImporting && opening.kind === "import") onImport(opening.paths);
      takeOpenings(isImporting ? openings.filter(({ kind }) => kind !== "import") : openings);
    };
    return listen("fileDrop", (drop) => {
      const isTaken = handOver(drop);
      // A form for a key may be half filled: the import must not take its place.
      const isForKeys = latest.current.dialog === "keys";
      setDragging(drop.kind === "over" && !isTaken && !isForKeys);
      if (drop.kind !== "dropped" || isTaken) return;
      if (isForKeys) toast({ kind: "failed", title: "Here only the field for JSON credentials takes a file." });
      else if (drop.paths.length > 0) void take(drop.paths);
    });
  }, [takeOpenings]);

  const openSample = async () => {
    try {
      await navigate({ to: "/prompts/$promptId", params: { promptId: await ipc.openSample() } });
    } catch (error) {
      toast({ kind: "failed", title: "The sample could not be opened", description: messageOf(error) });
    }
  };

  useStartNotices(openDialog);
  useWorkspaceCommands({ settings: settings.data, openDialog, onWorkspace: setWorkspace });
  useMenuBar();
  useCommand("app.palette", () => setPaletteOpen((open) => !open));
  useCommand("app.sidebar", toggleSidebar);
  useCommand("app.rows", () => change({ compact_rows: !preferences.compact_rows }));
  useCommand("app.zoom-in", () => zoomBy(1));
  useCommand("app.zoom-out", () => zoomBy(-1));
  useCommand("app.zoom-reset", () => changeAppearance({ zoom: 100 }));
  useCommand("app.settings", () => openDialog("settings"));
  useCommand("app.guide", () => openDialog("guide"));
  useCommand("app.news", () => openDialog("news"));
  useCommand("app.shortcuts", () => openDialog("shortcuts"));
  useCommand("app.fullscreen", () => attempt(ipc.toggleFullscreen(), "The window could not be changed"));
  useCommand("app.quit", () => attempt(ipc.quit(false), "Touchstone could not be closed"));
  useCommand("app.theme-light", () => change({ theme: "light" }));
  useCommand("app.theme-dark", () => change({ theme: "dark" }));
  useCommand("app.theme-system", () => change({ theme: "system" }));
  useCommand("app.back", () => step(history, "back"));
  useCommand("app.forward", () => step(history, "forward"));
  useCommand("go.prompts", () => void navigate({ to: "/prompts" }));
  useCommand("go.projects", () => void navigate({ to: "/projects" }));
  useCommand("go.review", () => void navigate({ to: "/review" }));
  useCommand("go.keys", () => openDialog("keys"));
  useCommand("go.network", () => openDialog("network"));
  useCommand("go.spaces", () => openDialog("spaces"));
  useCommand("go.label-studio", () => openDialog("label-studio"));
  useCommand("go.bin", () => openDialog("bin"));
  useCommand("go.sample", () => void openSample());
  // Where a project is open, for that one, as its own button does.
  useCommand(
    "prompt.create",
    () => void navigate({ to: ".", search: (old) => ({ ...old, dialog: "create", project: projectId }) }),
  );
  useCommand("project.from-label-studio", () => openDialog("from-label-studio"));
  useCommand("project.import", () => {
    setImportPaths([]);
    openDialog("import");
  });
  useCommand("project.template", () => {
    setImportPaths([]);
    openDialog("templates");
  });

  return (
    <BreadcrumbSlot value={slot}>
      <button
        type="button"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-sm bg-primary px-3 py-1.5 text-on-primary focus:translate-y-0"
        onClick={() => document.getElementById("main")?.focus()}
      >
        Skip to the content
      </button>
      <div className="grid h-full grid-cols-[auto_minmax(0,1fr)] grid-rows-[minmax(0,1fr)]">
        <Sidebar
          look={sidebarOver ? "over" : preferences.sidebar_collapsed || narrow ? "collapsed" : "beside"}
          onToggle={toggleSidebar}
          onLeave={() => setCovered(undefined)}
        />
        <div className="grid min-w-0 grid-rows-[48px_minmax(0,1fr)_auto]">
          <Header
            breadcrumbRef={setSlot}
            theme={preferences.theme}
            onTheme={(theme) => change({ theme })}
            onSearch={() => setPaletteOpen(true)}
            offline={settings.data?.offline === true}
            onOffline={() => openDialog("network")}
          />
          <main id="main" tabIndex={-1} className="min-h-0 min-w-0 outline-none">
            <Outlet />
          </main>
          <div className="min-w-0">
            <RunDock />
          </div>
        </div>
      </div>
      <Dialogs importPaths={importPaths} onImportPaths={setImportPaths} onOpenSample={() => void openSample()} />
      <Suspense fallback={null}>{paletteOpen && <Palette onClose={() => setPaletteOpen(false)} />}</Suspense>
      {dragging && <DropTarget />}
      <WorkspaceQuestion path={workspace} onClose={() => setWorkspace(null)} />
      <CloseQuestion />
      <Toasts />
    </BreadcrumbSlot>
  );
}

function DropTarget() {
  return (
    <div className="pointer-events-none fixed inset-3 z-50 flex items-center justify-center rounded-lg border-2 border-dashed border-primary-content bg-primary-tint/90">
      <p className="text-lg font-semibold text-primary-content">Drop a labeling config and its tasks to import them</p>
    </div>
  );
}
