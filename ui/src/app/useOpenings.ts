/** What the program is asked to open from outside. It is shown and nothing else: links lead to places, files to questions. */
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import { toast } from "@/components/ui/toast";
import type { Opening } from "@/ipc/bindings";
import { ipc, listen, messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";
import { fileName } from "@/lib/path";

type Take = {
  /** A dialog is open, or about to be, whose form may be half filled: nothing takes its place unasked. */
  isBusy: boolean;
  onImport: (paths: string[]) => void;
  onWorkspace: (path: string) => void;
};

const LINKS = {
  prompt: "A link to a prompt waits",
  run: "A link to a run waits",
  project: "A link to a project waits",
};

/** What a notice says of an opening that has to wait for the open dialog. */
function waitWords(opening: Exclude<Opening, { kind: "unknown" | "no_workspace" }>): {
  title: string;
  description: string;
} {
  switch (opening.kind) {
    case "workspace":
      return { title: `“${fileName(opening.path)}” waits`, description: "Close this dialog to open it." };
    case "import": {
      const [only, ...others] = opening.paths;
      return only !== undefined && others.length === 0
        ? { title: `“${fileName(only)}” waits`, description: "Close this dialog to import it." }
        : {
            title: `${formatCount(opening.paths.length, "file")} wait`,
            description: "Close this dialog to import them.",
          };
    }
    default:
      return { title: LINKS[opening.kind], description: "Close this dialog to go there." };
  }
}

/** Where a link leads that says all of it. */
function placeOf(opening: Opening) {
  if (opening.kind === "prompt") return { to: "/prompts/$promptId", params: { promptId: opening.id } } as const;
  if (opening.kind === "project") return { to: "/projects/$projectId", params: { projectId: opening.id } } as const;
  return undefined;
}

/** What was asked for beside the place that is shown first. */
let early: readonly Opening[] = [];

/** The place that the program was started for, if a link to one is among what waits; the rest is taken with the first screen. */
export async function takeFirstPlace() {
  const openings = await ipc.takeOpenings();
  const first = openings.find((opening) => placeOf(opening) !== undefined);
  early = openings.filter((opening) => opening !== first);
  return first && placeOf(first);
}

/** Takes what waits, now and whenever there is more. Answers what takes openings that came another way. */
export function useOpenings({ isBusy, onImport, onWorkspace }: Take): (openings: readonly Opening[]) => void {
  const router = useRouter();
  const navigate = useNavigate();

  const show = async (opening: Opening) => {
    const place = placeOf(opening);
    if (place !== undefined) return navigate(place);
    switch (opening.kind) {
      case "import":
        return onImport(opening.paths);
      case "workspace":
        return onWorkspace(opening.path);
      case "run":
        try {
          const run = await ipc.getRun(opening.id);
          return await navigate({
            to: "/prompts/$promptId",
            params: { promptId: run.prompt_id },
            search: { run: run.id },
          });
        } catch (error) {
          return toast({ kind: "failed", title: "The run could not be opened", description: messageOf(error) });
        }
      case "no_workspace":
        return toast({
          kind: "failed",
          title: "The file could not be opened",
          description: sentence(opening.reason),
        });
      case "unknown":
        return toast({ kind: "failed", title: "The link leads nowhere in Touchstone", description: opening.link });
    }
  };

  /** What is still to be shown, the first first. */
  const waiting = useRef<Opening[]>([]);
  /** Something is on its way to the screen. */
  const isShowing = useRef(false);
  const take = (openings: readonly Opening[]) => {
    for (const opening of openings) {
      // What leads nowhere takes no place.
      const isRefused = opening.kind === "unknown" || opening.kind === "no_workspace";
      if (isRefused) void show(opening);
      else {
        waiting.current.push(opening);
        if (isCovered()) toast({ kind: "waiting", ...waitWords(opening) });
      }
    }
    void takeWaiting();
  };
  /** Where the address leads to a dialog that is not drawn yet, too. */
  const isCovered = () => latest.current.isBusy || router.latestLocation.search.dialog !== undefined;
  /** One after the other, as a place that is still being gone to would close the import; up to the next question. */
  const takeWaiting = async () => {
    if (isShowing.current) return;
    isShowing.current = true;
    try {
      while (!isCovered()) {
        const opening = waiting.current.shift();
        if (opening === undefined) break;
        await latest.current.show(opening);
        // Its question has no address, and is not drawn yet.
        if (opening.kind === "workspace") break;
      }
    } finally {
      isShowing.current = false;
    }
  };

  const latest = useRef({ isBusy, show, take, takeWaiting });
  latest.current = { isBusy, show, take, takeWaiting };
  useEffect(() => {
    if (!isBusy) void latest.current.takeWaiting();
  }, [isBusy]);
  const same = useCallback((openings: readonly Opening[]) => latest.current.take(openings), []);
  useEffect(() => {
    const takeAll = () =>
      void ipc
        .takeOpenings()
        .then(same, (error) =>
          toast({ kind: "failed", title: "What was asked for could not be opened", description: messageOf(error) }),
        );
    same(early);
    early = [];
    takeAll();
    return listen("opened", takeAll);
  }, [same]);
  return same;
}
