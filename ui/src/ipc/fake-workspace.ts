/** The scripted workspace file, its backups, and what the scripted program wrote down of itself. */
import type { Changed, CrashReport, WorkspaceBackup, WorkspaceCheck, WorkspaceFile } from "./bindings";
import type { Scene } from "./fake";
import { Refused } from "./fake-refused";
import { ago } from "./fake-world";

const PATH = "/home/ann/.local/share/touchstone/workspace.sqlite";
const WHOLE: WorkspaceCheck = { is_whole: true, problems: [], bytes: 48_230_400, schema: 28 };
const DAMAGE: WorkspaceCheck = {
  ...WHOLE,
  is_whole: false,
  problems: ["Tree 14 page 5120: btreeInitPage() returns error code 11", "row 88 missing from index task_position"],
};

const CRASH: CrashReport = {
  path: "/home/ann/.local/share/touchstone/logs/crash-2026-11-29T091502.118Z.txt",
  text: "2026-11-29T09:15:02.118Z\nTouchstone 0.1.0, linux x86_64\nin the thread “tokio-rt-worker”: panicked at src/chart.rs:41:9:\nindex out of bounds\n",
  is_new: true,
};

const DIAGNOSTICS = `Touchstone 0.1.0
2026-11-30T09:00:00.000Z
system: linux x86_64, Debian GNU/Linux 13 (trixie)
processors: 8
keychain: answers
workspace: 48230400 bytes
not closed last time: no
project: 4
task: 12480
prompt: 9
run: 31
connections by openai: 1
settings: {"concurrency":8,"offline":false}

The last 1 lines of the log
2026-11-30T08:59:58Z  INFO touchstone_desktop: started
`;

/** A world of some weeks has backups; a new one has none. */
export function workspaceCommands(scene: Scene, changed: (change: Changed) => void) {
  const isLived = scene !== "first-run" && scene !== "emptied";
  const isDamaged = scene === "damaged";
  const backups: WorkspaceBackup[] = isLived
    ? [
        { path: `${PATH}.schema-27.backup`, reason: "update", bytes: 47_104_000, written_at: ago(3 * 24 * 60) },
        { path: `${PATH}.replaced-1.backup`, reason: "replaced", bytes: 46_000_128, written_at: ago(9 * 24 * 60) },
      ]
    : [];
  let crash = scene === "crashed" ? CRASH : null;
  const found = isDamaged ? DAMAGE : WHOLE;
  return {
    workspaceFile: (): WorkspaceFile => ({
      path: PATH,
      bytes: WHOLE.bytes,
      backups,
      damage: isDamaged ? DAMAGE : null,
    }),
    checkWorkspace: () => found,
    chooseWorkspacePath: (name: string) => `/home/ann/Documents/${name}.touchstone`,
    chooseBackup: () => "/home/ann/Documents/workspace copy.touchstone",
    backUpWorkspace: () => {
      if (isDamaged) throw new Refused("internal", "the workspace file is damaged (database disk image is malformed).");
      return WHOLE;
    },
    restoreWorkspace: () => null,
    salvageWorkspace: (path: string) => ({
      path,
      tables: [
        { name: "task", kept: 12_420, lost: isDamaged ? 60 : 0, orphaned: 0 },
        { name: "annotation", kept: 9_811, lost: 0, orphaned: isDamaged ? 48 : 0 },
        { name: "prompt", kept: 9, lost: 0, orphaned: 0 },
      ],
    }),
    diagnostics: () => DIAGNOSTICS,
    crashReport: () => crash,
    dismissCrashReport: () => {
      crash = crash && { ...crash, is_new: false };
      changed({ kind: "workspace" });
      return null;
    },
    showLogs: () => null,
    showWorkspace: () => null,
  };
}
