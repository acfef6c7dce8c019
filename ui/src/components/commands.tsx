/** Who can carry out which command now, and the one listener for keys. */
import { createContext, type ReactNode, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import { toast } from "@/components/ui/toast";
import { type Command, type CommandId, commandTable, keysOf, matches } from "@/lib/commands";

type Registration = {
  id: CommandId;
  layer: number;
  run: () => void;
  disabledReason: string | undefined;
  title: string | undefined;
};

/** The newest is last and wins. */
const registrations: Registration[] = [];
/** Whoever shows all commands. */
const followers = new Set<() => void>();
const tellFollowers = () => {
  for (const follower of followers) follower();
};
/** The dialogs that lie over the page, by depth. A command of the page does not answer under a dialog. */
const layersOpen: number[] = [];
const topLayer = () => Math.max(0, ...layersOpen);
const LayerContext = createContext(0);

type CommandLayerProps = {
  /** The dialog is closing: what is beneath answers again, and not only once its last picture has faded. */
  isClosing?: boolean;
  children: ReactNode;
};

/** Wraps what a dialog shows, so that commands in it answer instead of those of the page beneath. */
export function CommandLayer({ isClosing = false, children }: CommandLayerProps) {
  const layer = useContext(LayerContext) + 1;
  useEffect(() => {
    if (isClosing) return;
    layersOpen.push(layer);
    tellFollowers();
    return () => {
      layersOpen.splice(layersOpen.indexOf(layer), 1);
      tellFollowers();
    };
  }, [layer, isClosing]);
  return <LayerContext value={layer}>{children}</LayerContext>;
}

type CommandOptions = {
  /** Keeps it listed, but refuses. */
  disabledReason?: string | undefined;
  enabled?: boolean;
  /** What it does now, where that is more than the table says: "Evaluate 60 tasks". */
  title?: string | undefined;
};

/** Carries out `id` while the calling component is mounted. */
export function useCommand(id: CommandId, run: () => void, options: CommandOptions = {}) {
  const layer = useContext(LayerContext);
  const latest = useRef(run);
  latest.current = run;
  const { disabledReason, enabled = true, title } = options;
  useEffect(() => {
    if (!enabled) return;
    const registration: Registration = { id, layer, run: () => latest.current(), disabledReason, title };
    registrations.push(registration);
    tellFollowers();
    return () => {
      registrations.splice(registrations.indexOf(registration), 1);
      tellFollowers();
    };
  }, [id, layer, disabledReason, enabled, title]);
}

/** Commands whose keys mean something on this screen, but not always, or are answered by what has the focus. */
const keysHere: CommandId[] = [];

/** Has the list of keys name them while the calling component is mounted, whether or not they can be carried out now. */
export function useKeysHere(...ids: (CommandId | false)[]) {
  const named = ids.filter((id) => id !== false).join(" ");
  useEffect(() => {
    if (named === "") return;
    const own = named.split(" ") as CommandId[];
    keysHere.push(...own);
    return () => {
      for (const id of own) keysHere.splice(keysHere.indexOf(id), 1);
    };
  }, [named]);
}

/** Whether the list of keys names it for the page beneath. */
export function hasKeysHere(id: CommandId): boolean {
  return keysHere.includes(id) || registrations.some((entry) => entry.id === id && entry.layer === 0);
}

function find(id: CommandId): Registration | undefined {
  const anywhere = commandTable[id].anywhere === true;
  return registrations.findLast((entry) => entry.id === id && (anywhere || entry.layer === topLayer()));
}

/** Carries the command out if somebody can now; if it is refused, says why. */
export function runCommand(id: CommandId): void {
  const registration = find(id);
  if (registration === undefined) return;
  if (registration.disabledReason === undefined) registration.run();
  else toast({ kind: "refused", title: registration.disabledReason });
}

/** Whether somebody carries the command out now. */
export function isAvailable(id: CommandId): boolean {
  const registration = find(id);
  return registration !== undefined && registration.disabledReason === undefined;
}

/** What the command does now, in the words of whoever carries it out. */
export function titleOf(id: CommandId): string {
  return find(id)?.title ?? commandTable[id].title;
}

/** The same, read as it is shown: a tip that closes over the title would name what was chosen before. */
export function CommandTitle({ command }: { command: CommandId }) {
  return titleOf(command);
}

/** Calls `follower` whenever another command can be carried out, or no longer can, until the returned function is called. */
export function followCommands(follower: () => void): () => void {
  followers.add(follower);
  return () => void followers.delete(follower);
}

/** Whether a dialog lies over the page, whoever opened it. */
export function useIsCovered(): boolean {
  return useSyncExternalStore(followCommands, () => layersOpen.length > 0);
}

export type AvailableCommand = Command & { disabledReason: string | undefined; run: () => void };

const ids = Object.keys(commandTable) as CommandId[];

/** What the palette lists: the commands of the page beneath it in the order of the table, each as its newest registration has it. */
export function availableCommands(): AvailableCommand[] {
  const newest = new Map<CommandId, Registration>();
  for (const entry of registrations) if (entry.layer === 0) newest.set(entry.id, entry);
  return ids
    .flatMap((id) => newest.get(id) ?? [])
    .map(({ id, title = commandTable[id].title, ...entry }) => ({ ...commandTable[id], ...entry, id, title }));
}

/** Listens for the keys of all commands; mounted once. A press that no command answers goes to `unanswered`. */
export function useHotkeys(unanswered: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const id = ids.find((id) => keysOf(id).some((keys) => matches(event, keys)) && find(id) !== undefined);
      if (id === undefined) {
        unanswered(event);
        return;
      }
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && isTyping(event.target)) return;
      event.preventDefault();
      if (!event.repeat || commandTable[id].once !== true) runCommand(id);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [unanswered]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
