/** The two halves of a prompt's screen: what is asked above, what came of it below. Where there is no room for both, they take turns. */
import { useCallback, useEffect, useRef, useState } from "react";
import { type LayoutChangedMeta, usePanelRef } from "react-resizable-panels";
import { useIsLower } from "@/components/useIsLower";
import { LOW } from "@/components/useMediaQuery";

/** With less, a half shows nothing that is of use, and folds: a message with its head; two results with all that is above them. */
const EDITOR_PX = 112;
const OUTCOMES_PX = 304;
/** The words that say that nothing came of it yet. */
const NOTHING_PX = 176;

/** What is always there of the lower half: its tabs, and their line. */
const TABS_PX = 41;
const DIVIDER_PX = 1;

/** What the editor has of the height at first, in percent. */
function editorShare(hasOutcomes: boolean): number {
  if (!hasOutcomes) return 60;
  return window.matchMedia(LOW).matches ? 30 : 44;
}

function useHalf(folded_px: number) {
  const ref = usePanelRef();
  const [isFolded, setFolded] = useState(false);
  const onResize = useCallback(
    ({ inPixels }: { inPixels: number }) => setFolded(inPixels <= folded_px + 1),
    [folded_px],
  );
  return { ref, isFolded, onResize };
}

type Name = "editor" | "outcomes";

/** `hasOutcomes`: there is something to see below, which is then what a low window shows first. */
export function useHalves(hasOutcomes: boolean) {
  const around = useRef<HTMLDivElement>(null);
  const outcomes_px = hasOutcomes ? OUTCOMES_PX : NOTHING_PX;
  // No room for both.
  const isTight = useIsLower(around, EDITOR_PX + DIVIDER_PX + outcomes_px);
  const editor = useHalf(0);
  const outcomes = useHalf(TABS_PX);
  const [share] = useState(() => editorShare(hasOutcomes));
  const { ref: above } = editor;
  const { ref: below } = outcomes;
  /** The half that was asked for last is the one that stays. */
  const [asked, setAsked] = useState<Name>(hasOutcomes ? "outcomes" : "editor");
  const show = useCallback(
    (name: Name) => {
      setAsked(name);
      (name === "editor" ? above : below).current?.expand();
    },
    [above, below],
  );
  const showOutcomes = useCallback(() => show("outcomes"), [show]);
  const toggleEditor = () => {
    if (editor.isFolded) {
      show("editor");
    } else {
      setAsked("outcomes");
      if (!isTight) above.current?.collapse();
    }
  };
  const onLayoutChanged = (_: unknown, { isUserInteraction }: LayoutChangedMeta) => {
    if (isUserInteraction) setAsked(below.current?.isCollapsed() === true ? "editor" : "outcomes");
  };
  // What was folded by hand before there was no room, and asked for since, is there when there is room again.
  const latest = useRef(asked);
  latest.current = asked;
  useEffect(() => {
    if (isTight) return;
    // Once the other half's bound is gone, which takes the panels another turn.
    const frame = requestAnimationFrame(() => show(latest.current));
    return () => cancelAnimationFrame(frame);
  }, [isTight, show]);
  // By its bounds the other half only gives way: what it had of the height it has again with the room.
  const bounds = (name: Name, least_px: number, folded_px: number) => ({
    collapsedSize: folded_px,
    minSize: isTight ? folded_px : least_px,
    ...(isTight && asked !== name && { maxSize: folded_px }),
  });
  const sizes = {
    editor: { defaultSize: String(share), ...bounds("editor", EDITOR_PX, 0) },
    outcomes: {
      defaultSize: String(100 - share),
      ...bounds("outcomes", outcomes_px, TABS_PX),
    },
  };
  return {
    /** What holds both. */
    around,
    isTight,
    sizes,
    editor,
    outcomes,
    toggleEditor,
    showOutcomes,
    onLayoutChanged,
  };
}
