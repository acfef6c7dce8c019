/**
 * Every command of the program, once: palette, tooltips, menus and hotkeys read this table, and lists of them have its order. A screen that can carry one out
 * says so with `useCommand`; a command that nobody can carry out now does not answer its keys and is not listed.
 */

/**
 * `Mod` is ⌘ on macOS and Ctrl elsewhere, and `Plus` is the sign that joins the others; the rest are names of
 * `KeyboardEvent.key`. The first one is shown.
 */
type Keys = readonly string[];
type CommandEntry = {
  title: string;
  group: "Go to" | "Create" | "This screen" | "Workspace" | "Window";
  keys: { mac: Keys; other: Keys };
  /** Other words a person may look for. */
  words?: string;
  /** Answers its keys under a dialog too. */
  anywhere?: boolean;
  /** Keys that are held down carry it out once. */
  once?: boolean;
};

const same = (...keys: Keys) => ({ mac: keys, other: keys });
const none = { mac: [], other: [] };

const table = {
  "app.palette": { title: "Search and commands", group: "Window", keys: same("Mod+k", "Mod+p"), anywhere: true },
  "app.sidebar": { title: "Collapse or expand the sidebar", group: "Window", keys: same("Mod+b") },
  "app.zoom-in": {
    anywhere: true,
    title: "Zoom in",
    group: "Window",
    keys: same("Mod+Plus", "Mod+="),
    words: "larger bigger magnify",
  },
  "app.zoom-out": { anywhere: true, title: "Zoom out", group: "Window", keys: same("Mod+-"), words: "smaller" },
  "app.zoom-reset": {
    anywhere: true,
    title: "Actual size",
    group: "Window",
    keys: same("Mod+0"),
    words: "zoom reset 100",
  },
  "app.rows": {
    anywhere: true,
    title: "Compact or comfortable rows",
    group: "Window",
    keys: none,
    words: "density height dense",
  },
  "app.guide": { title: "Guide", group: "Window", keys: same("F1"), words: "help manual start learn" },
  "app.news": {
    title: "What is new",
    group: "Window",
    keys: none,
    words: "help release notes changelog version update",
  },
  "app.shortcuts": { title: "Keyboard shortcuts", group: "Window", keys: same("?"), words: "help keys cheat sheet" },
  "app.settings": {
    title: "Settings",
    group: "Window",
    keys: same("Mod+,"),
    words: "preferences options concurrency media theme backup diagnostics logs telemetry privacy licences",
  },
  "app.diagnostics": {
    title: "Diagnostics",
    group: "Window",
    keys: none,
    words: "help support bug report copy clipboard version log",
  },
  "app.crash": { title: "Crash reports", group: "Window", keys: none, words: "help support bug error privacy" },
  "app.logs": { title: "Open the log folder", group: "Window", keys: none, words: "help support bug files show" },
  "app.about": {
    title: "About Touchstone",
    group: "Window",
    keys: none,
    words: "version copyright",
  },
  "app.licences": {
    title: "Licences",
    group: "Window",
    keys: none,
    words: "license open source copyright packages",
  },
  "app.menu": {
    title: "Open the menu",
    group: "Window",
    keys: { mac: [], other: ["F10"] },
    words: "bar file edit view",
  },
  // The notices answer it themselves, wherever the focus is; here it is for the list of keys.
  "app.notice": { title: "Go to the newest notice", group: "Window", keys: same("F6") },
  "app.fullscreen": {
    title: "Full screen",
    group: "Window",
    keys: { mac: ["Control+Mod+f"], other: ["F11"] },
    words: "maximize",
    anywhere: true,
  },
  "app.quit": {
    title: "Quit",
    group: "Window",
    keys: { mac: ["Mod+q"], other: ["Mod+q", "Mod+w"] },
    words: "close exit end",
    anywhere: true,
  },
  "workspace.open": {
    title: "Open another workspace",
    group: "Workspace",
    keys: none,
    words: "file touchstone folder switch database",
  },
  "workspace.own": {
    title: "Go back to my own workspace",
    group: "Workspace",
    keys: none,
    words: "file default switch close",
  },
  "workspace.show": {
    title: "Show the workspace in its folder",
    group: "Workspace",
    keys: none,
    words: "file reveal finder explorer path location",
  },
  "workspace.back-up": {
    title: "Back up the workspace",
    group: "Workspace",
    keys: none,
    words: "backup copy save export safe",
  },
  "workspace.restore": {
    title: "Restore a backup",
    group: "Workspace",
    keys: none,
    words: "workspace back copy replace",
  },
  "workspace.check": {
    title: "Check the workspace",
    group: "Workspace",
    keys: none,
    words: "integrity whole damaged verify database",
  },
  "workspace.salvage": {
    title: "Salvage a damaged workspace",
    group: "Workspace",
    keys: none,
    words: "rescue recover repair corrupt",
  },
  "workspace.offline": {
    title: "Switch Offline on or off",
    group: "Workspace",
    keys: none,
    words: "network privacy internet reach",
  },
  "app.theme-light": { anywhere: true, title: "Light theme", group: "Window", keys: none, words: "colour appearance" },
  "app.theme-dark": {
    anywhere: true,
    title: "Dark theme",
    group: "Window",
    keys: none,
    words: "colour appearance night",
  },
  "app.theme-system": {
    anywhere: true,
    title: "Theme of the system",
    group: "Window",
    keys: none,
    words: "colour appearance auto",
  },
  "go.prompts": { title: "Prompts", group: "Go to", keys: same("Mod+1"), words: "home list" },
  "go.projects": { title: "Projects", group: "Go to", keys: same("Mod+2"), words: "tasks data" },
  "go.review": {
    title: "Review",
    group: "Go to",
    keys: same("Mod+3", "Mod+Shift+r"),
    words: "queue check decide disagreement confidence failed",
  },
  "app.back": { title: "Back", group: "Go to", keys: { mac: ["Mod+["], other: ["Alt+ArrowLeft"] } },
  "app.forward": { title: "Forward", group: "Go to", keys: { mac: ["Mod+]"], other: ["Alt+ArrowRight"] } },
  "go.spaces": { title: "Spaces", group: "Go to", keys: none, words: "arize account link pull push sync" },
  "go.label-studio": {
    title: "Label Studio servers",
    group: "Go to",
    keys: none,
    words: "connect token address waiting give back push",
  },
  "go.keys": {
    title: "API Keys",
    group: "Go to",
    keys: same("Mod+Shift+m"),
    words: "models keys provider connection endpoint",
  },
  "go.network": { title: "Network settings", group: "Go to", keys: none, words: "offline hosts contacted privacy" },
  "go.local-api": {
    title: "Local API",
    group: "Go to",
    keys: none,
    words: "serve server port token arize loopback settings",
  },
  "go.bin": { title: "Deleted prompts", group: "Go to", keys: none, words: "bin trash restore undo" },
  "go.sample": { title: "Open the sample", group: "Go to", keys: none, words: "example practice demo support tickets" },
  "prompt.create": { title: "Create Prompt", group: "Create", keys: same("Mod+n"), words: "new" },
  "project.import": {
    title: "Import project",
    group: "Create",
    keys: same("Mod+o"),
    words: "open file add tasks config",
  },
  "project.template": {
    title: "Samples by control",
    group: "Create",
    keys: none,
    words: "template example try project choices labels spans boxes rating ranking taxonomy pairwise dates",
  },
  "project.from-label-studio": {
    title: "Project from Label Studio",
    group: "Create",
    keys: none,
    words: "server pull link import",
  },
  "screen.find": { title: "Find on this screen", group: "This screen", keys: same("Mod+f"), words: "search filter" },
  "table.mark": {
    title: "Mark as ground truth",
    group: "This screen",
    keys: same("g"),
    words: "selected tasks annotation",
  },
  "table.unmark": {
    title: "Remove the ground truth marks",
    group: "This screen",
    keys: same("Shift+g"),
    words: "unmark selected tasks",
  },
  "table.go-to": { title: "Go to row", group: "This screen", keys: same("Mod+g"), words: "jump number line" },
  "table.filter": {
    title: "Add a filter",
    group: "This screen",
    keys: same("f"),
    words: "ground truth label contains",
  },
  "row.rename": { title: "Rename", group: "This screen", keys: same("F2"), words: "edit name folder description" },
  "row.delete": {
    title: "Delete",
    group: "This screen",
    keys: { mac: ["Mod+Backspace", "Delete"], other: ["Delete"] },
    words: "remove bin",
  },
  "form.submit": { title: "Confirm the dialog", group: "This screen", keys: same("Mod+Enter") },
  "prompt.save": { title: "Save as a version", group: "This screen", keys: same("Mod+s"), words: "commit" },
  "prompt.run": { title: "Run", group: "This screen", keys: same("Mod+Enter"), words: "run evaluate start" },
  "prompt.run-sample": { title: "Run on a sample", group: "This screen", keys: same("Mod+Shift+Enter"), words: "try" },
  "prompt.discard": {
    title: "Discard the changes",
    group: "This screen",
    keys: none,
    words: "draft unsaved revert undo",
  },
  "prompt.export": {
    title: "Export the prompt",
    group: "This screen",
    keys: none,
    words: "file write save versions arize phoenix langfuse promptfoo",
  },
  "prompts.import": {
    title: "Import prompts",
    group: "This screen",
    keys: none,
    words: "file read open arize phoenix langfuse promptfoo",
  },
  "prompts.export": {
    title: "Export all prompts",
    group: "This screen",
    keys: none,
    words: "file write save arize phoenix langfuse promptfoo",
  },
  "run.sample": {
    title: "Choose another sample to run",
    group: "This screen",
    keys: none,
    words: "random first tasks",
  },
  "run.money-stop": { title: "Set a money stop", group: "This screen", keys: none, words: "limit budget cost dollars" },
  "run.concurrency": {
    title: "Set the requests at once",
    group: "This screen",
    keys: none,
    words: "concurrency parallel speed",
  },
  "run.several": {
    title: "Run several models, versions or repetitions",
    group: "This screen",
    keys: none,
    words: "start evaluate compare matrix",
  },
  "version.restore": { title: "Restore the version as draft", group: "This screen", keys: none, words: "back old" },
  "version.duplicate": {
    title: "Duplicate the version as a new prompt",
    group: "This screen",
    keys: none,
    words: "copy fork",
  },
  "version.labels": {
    title: "Labels of the version",
    group: "This screen",
    keys: none,
    words: "promote production staging point move roll back",
  },
  "version.code": {
    title: "Show the version as code",
    group: "This screen",
    keys: same("Mod+Shift+c"),
    words: "curl python typescript snippet api sdk",
  },
  "run.pause": { title: "Pause the run", group: "This screen", keys: same("Mod+Shift+."), words: "hold wait" },
  "run.stop": { title: "Stop the run", group: "This screen", keys: same("Mod+."), words: "cancel end" },
  "prompt.results": { title: "Show the results", group: "This screen", keys: none, words: "answers predictions table" },
  "prompt.alignment": {
    title: "Show the alignment",
    group: "This screen",
    keys: none,
    words: "metrics accuracy confusion matrix classes f1 kappa calibration ground truth",
  },
  "prompt.versions": {
    title: "Show the versions",
    group: "This screen",
    keys: none,
    words: "history diff labels duplicate promote production staging",
  },
  "prompt.compare": {
    title: "Compare runs",
    group: "This screen",
    keys: none,
    words: "verdict better worse versions models difference fixed broken",
  },
  "prompt.runs": { title: "Show the runs", group: "This screen", keys: none, words: "history list" },
  "prompt.editor": {
    title: "Hide or show the editor",
    group: "This screen",
    keys: same("Mod+j"),
    words: "pane layout room results maximize",
  },
  "prompt.parameters": {
    title: "Parameters",
    group: "This screen",
    keys: none,
    words: "temperature seed tokens top sampling model",
  },
  "prompt.variables": { title: "Insert a variable", group: "This screen", keys: same("Mod+/") },
  "task.previous": { title: "Previous task", group: "This screen", keys: same("Mod+Shift+[") },
  "task.next": { title: "Next task", group: "This screen", keys: same("Mod+Shift+]") },
  "project.label": {
    title: "Label tasks",
    group: "This screen",
    keys: same("e"),
    words: "annotate edit ground truth",
  },
  "project.config": {
    title: "Edit the labeling config",
    group: "This screen",
    keys: none,
    words: "xml labels classes colours interface",
  },
  "project.add": {
    title: "Import tasks into the project",
    group: "This screen",
    keys: none,
    words: "add file data upload",
  },
  "project.prompt": {
    title: "Create a prompt for the project",
    group: "This screen",
    keys: none,
    words: "new aim target",
  },
  "project.export": {
    title: "Export the project",
    group: "This screen",
    keys: none,
    words: "file write save tasks annotations csv json label studio",
  },
  "project.report": {
    title: "Show the import report",
    group: "This screen",
    keys: none,
    words: "refused duplicates changed issues",
  },
  "project.media": {
    title: "Check pictures and PDFs",
    group: "This screen",
    keys: none,
    words: "images files media broken missing",
  },
  "project.delete": { title: "Delete the project", group: "This screen", keys: none, words: "remove" },
  "project.pull": {
    title: "Pull changes from Label Studio",
    group: "This screen",
    keys: none,
    words: "server sync update tasks annotations",
  },
  "project.open-there": {
    title: "Open in Label Studio",
    group: "This screen",
    keys: none,
    words: "browser web page server project",
  },
  "config.save": { title: "Save the labeling config", group: "This screen", keys: same("Mod+s"), words: "keep xml" },
  "label.submit": {
    title: "Submit as ground truth",
    group: "This screen",
    keys: same("Mod+Enter"),
    words: "go on save empty annotation",
    once: true,
  },
  "label.undo": { title: "Undo", group: "This screen", keys: same("Mod+z"), words: "take back" },
  "label.redo": {
    title: "Redo",
    group: "This screen",
    keys: { mac: ["Mod+Shift+z"], other: ["Mod+Shift+z", "Mod+y"] },
  },
  // The labeling editor answers these itself; here they are for the list of keys.
  "label.class": { title: "Choose a class", group: "This screen", keys: same("1–9") },
  "mark.select": { title: "Select text", group: "This screen", keys: same("Shift+ArrowRight") },
  "mark.make": { title: "Mark the selection", group: "This screen", keys: same("Enter") },
  "mark.next": { title: "Next mark", group: "This screen", keys: same("ArrowDown") },
  "mark.remove": { title: "Remove the mark", group: "This screen", keys: same("Delete") },
  "run.give-back": {
    title: "Give back to Label Studio",
    group: "This screen",
    keys: none,
    words: "push write predictions server export",
  },
  "results.csv": {
    title: "Export the results as CSV",
    group: "This screen",
    keys: none,
    words: "file write save table spreadsheet excel predictions",
  },
  "results.jsonl": {
    title: "Export the results as JSON Lines",
    group: "This screen",
    keys: none,
    words: "file write save script jsonl predictions",
  },
  "results.label-studio": {
    title: "Export the results for Label Studio",
    group: "This screen",
    keys: none,
    words: "file write save json predictions tasks",
  },
  "results.report": {
    title: "Write a report on the run",
    group: "This screen",
    keys: none,
    words: "export file html markdown share send",
  },
  "result.next": { title: "Next result", group: "This screen", keys: same("j") },
  "result.previous": { title: "Previous result", group: "This screen", keys: same("k") },
  "result.copy": { title: "Copy the prediction", group: "This screen", keys: same("c"), words: "clipboard answer" },
  "review.accept": {
    title: "Accept as ground truth",
    group: "This screen",
    keys: same("a"),
    words: "decide right keep annotation",
    once: true,
  },
  "review.accept-annotation": {
    title: "Accept as an annotation only",
    group: "This screen",
    keys: same("Shift+a"),
    words: "decide right keep",
    once: true,
  },
  "review.correct": {
    title: "Correct by hand",
    group: "This screen",
    keys: same("e"),
    words: "decide edit label annotate",
    once: true,
  },
  "review.reject": {
    title: "Reject",
    group: "This screen",
    keys: same("x"),
    words: "decide wrong refuse",
    once: true,
  },
  "review.undo": {
    title: "Take the last decision back",
    group: "This screen",
    keys: same("z", "Mod+z"),
    words: "undo",
    once: true,
  },
  "review.accept-all": {
    title: "Accept all of the queue",
    group: "This screen",
    keys: none,
    words: "decide bulk ground truth annotations",
  },
  "review.reject-all": {
    title: "Reject all of the queue",
    group: "This screen",
    keys: none,
    words: "decide bulk wrong",
  },
} satisfies Record<string, CommandEntry>;

export type CommandId = keyof typeof table;
export type Command = CommandEntry & { id: CommandId };

export const commandTable: Readonly<Record<CommandId, CommandEntry>> = table;

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function keysOf(id: CommandId): Keys {
  const { keys } = commandTable[id];
  return isMac ? keys.mac : keys.other;
}

/** Keys as the system's own menu writes them; what is typed into text has no place there. */
export function accelerator(id: CommandId, mac = isMac): string | null {
  const { keys } = commandTable[id];
  const [first] = mac ? keys.mac : keys.other;
  if (first === undefined || !/Mod|Control|^F\d/.test(first)) return null;
  const parts = first.split("+");
  const key = parts.pop() ?? "";
  return [
    ...parts.map((part) => (part === "Mod" ? "CmdOrCtrl" : part)),
    key.length === 1 ? key.toUpperCase() : key,
  ].join("+");
}

type MenuModel = { title: string; groups: readonly (readonly CommandId[])[] };

/** What macOS has in the menu of the program, and the menu of the window at its end. */
export const programMenu: MenuModel = { title: "Touchstone", groups: [["app.settings", "go.keys"], ["app.quit"]] };

/** The menus, of the system's bar on macOS and of the window elsewhere. */
export const menus: readonly MenuModel[] = [
  {
    title: "File",
    groups: [
      ["prompt.create", "project.import", "project.template", "project.from-label-studio"],
      ["prompt.save", "config.save"],
      ["prompts.import", "prompts.export", "prompt.export", "project.export"],
      ["go.spaces", "go.bin"],
    ],
  },
  {
    title: "Edit",
    groups: [
      ["row.rename", "row.delete"],
      ["screen.find", "table.filter", "table.go-to"],
      ["prompt.variables", "project.config"],
    ],
  },
  {
    title: "View",
    groups: [
      ["app.palette", "app.sidebar", "prompt.editor", "app.rows"],
      ["app.theme-light", "app.theme-dark", "app.theme-system"],
      ["app.zoom-in", "app.zoom-out", "app.zoom-reset"],
      ["app.fullscreen"],
    ],
  },
  {
    title: "Go",
    groups: [
      ["app.back", "app.forward"],
      ["go.prompts", "go.projects", "go.review"],
      ["task.previous", "task.next"],
    ],
  },
  {
    title: "Run",
    groups: [
      ["prompt.run", "prompt.run-sample"],
      ["run.pause", "run.stop"],
      ["prompt.results", "prompt.alignment", "prompt.compare", "prompt.versions", "prompt.runs"],
      ["results.csv", "results.jsonl", "results.label-studio", "results.report", "run.give-back"],
    ],
  },
  {
    title: "Workspace",
    groups: [
      ["workspace.open", "workspace.own", "workspace.show"],
      ["workspace.back-up", "workspace.restore"],
      ["workspace.check", "workspace.salvage"],
      ["workspace.offline", "go.network", "go.local-api", "go.label-studio"],
    ],
  },
  {
    title: "Help",
    groups: [
      ["app.guide", "app.news", "app.shortcuts", "go.sample"],
      ["app.diagnostics", "app.crash", "app.logs"],
      ["app.about", "app.licences"],
    ],
  },
];

const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const MAC_SYMBOLS: Record<string, string> = {
  Mod: "⌘",
  Shift: "⇧",
  Alt: "⌥",
  Control: "⌃",
  Enter: "↩",
  Backspace: "⌫",
  Delete: "⌦",
  Plus: "+",
  ...ARROWS,
};
const OTHER_NAMES: Record<string, string> = { Mod: "Ctrl", Delete: "Del", Plus: "+", ...ARROWS };
// Apple's order.
const MAC_ORDER = ["Control", "Alt", "Shift", "Mod"];

/** The key caps of a combination, in the order and with the names of the operating system: `["⇧", "⌘", "M"]`. */
export function keyCaps(combination: string, mac = isMac): string[] {
  const parts = combination.split("+");
  const names = mac
    ? [...parts].sort((a, b) => rank(a) - rank(b)).map((part) => MAC_SYMBOLS[part] ?? part)
    : parts.map((part) => OTHER_NAMES[part] ?? part);
  return names.map((name) => (name.length === 1 ? name.toUpperCase() : name));
}

function rank(part: string): number {
  const place = MAC_ORDER.indexOf(part);
  return place === -1 ? MAC_ORDER.length : place;
}

/** The value of `aria-keyshortcuts` for a command. */
export function ariaKeys(id: CommandId): string | undefined {
  const text = keysOf(id)
    .map((keys) => keys.replace("Mod", isMac ? "Meta" : "Control"))
    .join(" ");
  return text === "" ? undefined : text;
}

type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** Whether a key press is this combination. */
export function matches(press: KeyPress, combination: string, mac = isMac): boolean {
  const parts = combination.split("+");
  const last = parts[parts.length - 1] ?? "";
  const key = last === "Plus" ? "+" : last;
  const wants = (name: string) => parts.includes(name);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (mod !== wants("Mod") || other !== wants("Control") || press.altKey !== wants("Alt")) return false;
  // Shift changes which character a symbol key gives ("?" is Shift+/ on one layout and a key of its own on another).
  const symbol = key.length === 1 && !/[a-z]/i.test(key);
  if (symbol) return press.key === key || (wants("Shift") && press.shiftKey && press.code === CODES[key]);
  return press.shiftKey === wants("Shift") && press.key.toLowerCase() === key.toLowerCase();
}

const CODES: Record<string, string> = { "[": "BracketLeft", "]": "BracketRight" };
